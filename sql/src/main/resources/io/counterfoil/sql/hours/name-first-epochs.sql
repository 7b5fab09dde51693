-- Intervals of the batch's edges that nobody told the first epoch of: it is one that nothing came before, or that goes on from an
-- earlier interval. Parameters: batch.
update edge_roster r set first_epoch = f.epoch
from (
  select w.edge, w.since, min(e.epoch) as epoch
  from edge_roster w
  join edge_epoch e using (edge)
  where w.first_epoch is null and w.edge in (select l.edge from ledger l where l.batch_id = :batch)
    and e.epoch > coalesce((select max(b.reached_epoch) from edge_roster b where b.edge = w.edge and b.since < w.since), '')
    and (e.predecessor_epoch is null
      or e.predecessor_epoch in (select b.reached_epoch from edge_roster b where b.edge = w.edge and b.since < w.since))
  group by w.edge, w.since
) f
where (r.edge, r.since) = (f.edge, f.since)
