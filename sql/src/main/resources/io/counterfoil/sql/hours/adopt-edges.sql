-- Whoever sends records is waited for: puts edges of the batch on the roster that are not on it at the time of their last record,
-- from their first one here on. Parameters: batch, now.
with sent as (
  select l.edge, min(l.epoch) as epoch, time_of_micros(min(l.first_ts_us)) as first,
    time_of_micros(max(l.last_ts_us)) as last
  from ledger l
  where l.batch_id = :batch and not l.imported and l.counted > 0
  group by l.edge
), adopted as (
  insert into edge_roster (edge, since, first_epoch, through)
  select s.edge, b.since, s.epoch, b.since
  from sent s
  cross join lateral (
    select greatest(least(s.first, :now), '1990-01-01T00:00:00Z',
      (select max(r.until) from edge_roster r where r.edge = s.edge)) as since) b
  where not exists (select from edge_roster r where r.edge = s.edge and (r.until is null or r.until > s.last))
  on conflict do nothing
  returning edge, since
)
insert into completeness_decision (decided_at, actor, decision, name, at, reason)
select :now, 'rollup', 'register', edge, since, 'it sent records and was not on the roster' from adopted
