-- Grain: one row a counted segment of the batch whose sequence numbers are not all above those of the segment before it in its
-- stream; none is expected. Ranges already in the ledger do not overlap, so each neighbour tells. Parameters: batch.
select l.edge, l.epoch, l.stream, l.number
from ledger l
where l.batch_id = :batch and l.verdict = 'counted' and l.last_seq >= l.first_seq
  and (
    (select b.last_seq from ledger b
      where (b.edge, b.epoch, b.stream) = (l.edge, l.epoch, l.stream) and b.first_seq < l.first_seq
        and b.verdict = 'counted' and b.last_seq >= b.first_seq
      order by b.first_seq desc limit 1) >= l.first_seq
    or (select a.first_seq from ledger a
      where (a.edge, a.epoch, a.stream) = (l.edge, l.epoch, l.stream) and a.first_seq > l.first_seq
        and a.verdict = 'counted' and a.last_seq >= a.first_seq
      order by a.first_seq limit 1) <= l.last_seq)
