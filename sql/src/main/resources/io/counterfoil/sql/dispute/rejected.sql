-- Grain: record of a segment that the rollup rejected, by its sequence number. Parameters: edge, epoch, stream, number.
select l.first_seq + r.line - 2 as seq
from reject r
join ledger l using (edge, epoch, stream, number)
where (r.edge, r.epoch, r.stream, r.number) = (:edge, :epoch, :stream, :number)
  and r.file = r.edge || '/' || r.epoch || '/' || r.stream || '/' || r.number || '.csv'
