-- How many hours are complete, how many requests were counted in them, and whom the others wait for. Grain: UTC period: a day, a week, a
-- month. Of its hours: complete, revised (complete, and added to since), incomplete, running. requests_incomplete: of those in incomplete
-- hours. waits_for: edges and sources, with how many hours wait for each; hours.sql has each hour.
-- Parameters: from (inclusive) and to (exclusive), each a time as 2016-02-20T05:00:00Z; by: day, week or month; at: the time that it is.
-- Call: psql -v by=month -f completeness.sql
\if :{?from}
\else
\set from -infinity
\endif
\if :{?to}
\else
\set to infinity
\endif
\if :{?by}
\else
\set by day
\endif
\if :{?at}
\else
\set at now
\endif
with known as (
  select h as hour, h + interval '1 hour' as until, h + interval '1 hour' <= :'at'::timestamptz as ended,
    case when h + interval '1 hour' <= :'at'::timestamptz then h + interval '1 hour' else :'at'::timestamptz - interval '2 minutes' end
      as due
  from (select least(hours_begin(), (select min(hour) from usage_hourly)) as first) f
  cross join lateral generate_series(
    date_trunc('hour', case when f.first is not null then greatest(:'from'::timestamptz, f.first) end, 'UTC'),
    least(:'to'::timestamptz - interval '1 microsecond', :'at'::timestamptz), interval '1 hour') h
  where h >= :'from'::timestamptz
), waiting as (
  select distinct k.hour, r.edge as name
  from known k
  join edge_roster r on r.since < k.until and coalesce(r.until, 'infinity') > k.hour
    and r.through < least(k.due, coalesce(r.until, 'infinity'))
  union all
  select k.hour, s.source
  from known k
  join source s on s.since < k.until and coalesce(s.closed_through, '-infinity') < k.until
  where k.ended
  union all
  select k.hour, 'nobody was on the roster'
  from known k
  cross join (select hours_begin() as hour) b
  where k.hour < coalesce(b.hour, 'infinity')
), counted as (
  select k.hour, sum(u.requests) as requests
  from known k
  join usage_hourly u using (hour)
  group by k.hour
), judged as (
  select date_trunc(:'by', k.hour, 'UTC') as period, k.hour, coalesce(c.requests, 0) as requests,
    case
      when exists (select from waiting w where w.hour = k.hour) then 'incomplete'
      when not k.ended then 'running'
      when s.revised_at is not null then 'revised'
      else 'complete'
    end as status
  from known k
  left join counted c using (hour)
  left join hour_status s using (hour)
), awaited as (
  select period, string_agg(name || ' (' || hours || ')', ', ' order by hours desc, name collate "C") as names
  from (
    select date_trunc(:'by', hour, 'UTC') as period, name, count(*) as hours
    from waiting
    group by 1, 2) w
  group by period
)
select
  to_char(j.period at time zone 'UTC', 'YYYY-MM-DD') as period,
  count(*) as hours,
  count(*) filter (where j.status = 'complete') as complete,
  count(*) filter (where j.status = 'revised') as revised,
  count(*) filter (where j.status = 'incomplete') as incomplete,
  count(*) filter (where j.status = 'running') as running,
  sum(j.requests)::bigint as requests,
  coalesce(sum(j.requests) filter (where j.status = 'incomplete'), 0)::bigint as requests_incomplete,
  coalesce(a.names, '-') as waits_for
from judged j
left join awaited a using (period)
group by j.period, a.names
order by j.period;
