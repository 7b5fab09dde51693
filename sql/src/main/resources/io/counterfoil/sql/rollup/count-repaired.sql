-- Quarantined segments that the batch counts by another copy; from here on they are the batch's, and all that it does for its
-- segments it does for them. Parameters: batch.
update ledger l set batch_id = :batch, verdict = 'counted', reason = null, counted = s.counted, rejected = s.rejected
from repair r
join accepted_segment s using (batch_id, edge, epoch, stream, number)
where r.batch_id = :batch and r.kind = 'segment' and r.fault is null
  and (l.edge, l.epoch, l.stream, l.number) = (r.edge, r.epoch, r.stream, r.number) and l.verdict = 'quarantined'
