-- Intervals of the batch's edges that nobody told the first epoch of: it is one that reaches into the interval and that nothing came
-- before, or that goes on from an earlier interval. Parameters: batch.
update edge_roster r set first_epoch = f.epoch
from (
  select w.edge, w.since, min(e.epoch) as epoch
  from edge_roster w
  join ledger l on l.batch_id = :batch and l.edge = w.edge and l.verdict = 'counted' and not l.imported
    and time_of_micros(l.through_us) > w.since
  join edge_epoch e on (e.edge, e.epoch) = (l.edge, l.epoch)
  where w.first_epoch is null
    and (e.predecessor_epoch is null
      or exists (
        select from edge_roster b
        where b.edge = w.edge and b.since < w.since and b.reached_epoch in (e.epoch, e.predecessor_epoch)))
  group by w.edge, w.since
) f
where (r.edge, r.since) = (f.edge, f.since)
