-- An edge has begun an epoch: hours wait for its log from then on, at most a day back, where they do not yet. Parameters: edge,
-- epoch (may be null), now.
insert into edge_roster (edge, since, first_epoch, through)
select :edge, b.since, :epoch, b.since
from (
  select greatest(
    least(:now::timestamptz,
      case when :epoch::text is null then :now else greatest(epoch_begins(:epoch), :now::timestamptz - interval '1 day') end),
    (select max(until) from edge_roster where edge = :edge)) as since) b
where not exists (select from edge_roster where edge = :edge and (until is null or until > :now))
on conflict do nothing
