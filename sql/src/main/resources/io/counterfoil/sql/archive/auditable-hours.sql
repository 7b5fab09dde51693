-- Grain: one row an hour all of whose counted records lie in the published archive, that was not audited since something was added
-- to it. Parameters: from, to (null: open), all (true: also those audited already).
with waiting as (
  select distinct h as hour
  from ledger l
  left join archive a using (archive_id)
  cross join lateral generate_series(
    date_trunc('hour', timestamptz 'epoch' + l.first_ts_us * interval '1 microsecond', 'UTC'),
    timestamptz 'epoch' + l.last_ts_us * interval '1 microsecond', interval '1 hour') h
  where l.verdict = 'counted' and l.counted > 0 and a.published_at is null
), archived as (
  select hour, max(archive_id) as archive_id from archive_file where hour is not null group by hour
)
select hour, archive_id from archived
left join hour_audit audited using (hour, archive_id)
where hour not in (select hour from waiting)
  and (:all or audited.hour is null or audited.differences > 0)
  and hour >= coalesce(:from, '-infinity') and hour < coalesce(:to, 'infinity')
order by hour
