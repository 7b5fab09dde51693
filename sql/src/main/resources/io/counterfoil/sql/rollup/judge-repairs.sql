-- Closes the second looks that the batch's accepted attempts gave a verdict on: whoever closes all that it planned may count them.
-- After the ledger's insert. Grain: repair. Parameters: batch, now.
with open as (
  select r.repair_id, s.verdict, s.reason, s.counted
  from accepted_segment s
  join batch_segment p using (batch_id, edge, epoch, stream, number)
  join repair r using (repair_id)
  where p.batch_id = :batch and r.batch_id is null
  order by r.repair_id
  for update of r
)
update repair r set batch_id = :batch, judged_at = :now, counted = o.counted, fault = o.reason
from open o
where r.repair_id = o.repair_id and r.batch_id is null
