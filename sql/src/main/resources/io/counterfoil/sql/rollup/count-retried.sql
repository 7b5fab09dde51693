-- Moves what the batch counts of rejects from rejected to counted. The segment stays that of the batch which counted it: nothing else
-- of it changes. Parameters: batch.
update ledger l set counted = l.counted + r.counted, rejected = l.rejected - r.counted
from repair r
where r.batch_id = :batch and r.kind = 'rejects' and r.fault is null
  and (l.edge, l.epoch, l.stream, l.number) = (r.edge, r.epoch, r.stream, r.number) and l.verdict = 'counted'
