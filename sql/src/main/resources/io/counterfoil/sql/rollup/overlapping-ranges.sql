-- Grain: one row a counted segment of the batch that shares sequence numbers with another of its stream; none is expected. Ranges
-- already in the ledger do not overlap each other, so of those that begin at or before this one's end the last one tells; of runs
-- too. Parameters: batch.
select l.edge, l.epoch, l.stream, l.number
from ledger l
where l.batch_id = :batch and l.verdict = 'counted' and l.last_seq >= l.first_seq
  and greatest((
    select b.last_seq from ledger b
    where (b.edge, b.epoch, b.stream) = (l.edge, l.epoch, l.stream) and b.number <> l.number
      and b.first_seq <= l.last_seq and b.verdict = 'counted' and b.last_seq >= b.first_seq
    order by b.first_seq desc limit 1), (
    select max(r.last_seq) from ledger_run r
    where (r.edge, r.epoch, r.stream) = (l.edge, l.epoch, l.stream) and r.first_seq <= l.last_seq and r.last_seq >= r.first_seq
    )) >= l.first_seq
