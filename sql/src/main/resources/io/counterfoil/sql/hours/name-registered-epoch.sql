-- The epoch with which an edge began, where it was put on the roster before it started. Parameters: edge, epoch, now.
update edge_roster r set first_epoch = :epoch, since = b.since, through = b.since
from (
  select w.edge, w.since as old, greatest(
    least(w.since, greatest(epoch_begins(:epoch), :now::timestamptz - interval '1 day')),
    (select max(until) from edge_roster x where x.edge = :edge)) as since
  from edge_roster w
  where w.edge = :edge and w.first_epoch is null and w.until is null) b
where (r.edge, r.since) = (b.edge, b.old)
