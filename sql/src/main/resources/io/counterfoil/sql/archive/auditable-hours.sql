-- Grain: one row an hour that anything was counted or archived in, all of whose counted records lie in published archives, and that
-- was not audited since something was added to it, or with differences. Archive: the last one that added to it; 0: none holds any of
-- it. Parameters: from, to (null: open), all (true: also those audited already), max_hours.
with recursive counted as (
  select min(hour) as hour from usage_hourly
  union all
  select (select min(u.hour) from usage_hourly u where u.hour > counted.hour) from counted where counted.hour is not null
), waiting as (
  select distinct h as hour
  from ledger l
  join batch b using (batch_id)
  left join archive a using (archive_id)
  -- Times that nobody counts in, before 1990 or more than a day ahead, would make many hours.
  cross join lateral generate_series(
    date_trunc('hour', greatest(timestamptz 'epoch' + l.first_ts_us * interval '1 microsecond', '1990-01-01 00:00:00+00'), 'UTC'),
    least(timestamptz 'epoch' + l.last_ts_us * interval '1 microsecond', b.planned_at + interval '2 days'), interval '1 hour') h
  where l.verdict = 'counted' and l.counted > 0 and a.published_at is null
), hours as (
  select hour, max(archive_id) as archive_id
  from (
    select hour, archive_id from archive_file where hour is not null
    union all
    select hour, 0 from counted where hour is not null) known
  group by hour
)
select hour, hours.archive_id, coalesce(audited.revision, 0) as revision
from hours
left join hour_audit audited using (hour)
where hour not in (select hour from waiting)
  and (:all or audited.archive_id is distinct from hours.archive_id or audited.differences > 0)
  and hour >= coalesce(cast(:from as timestamptz), '-infinity') and hour < coalesce(cast(:to as timestamptz), 'infinity')
order by hour
limit :max_hours
