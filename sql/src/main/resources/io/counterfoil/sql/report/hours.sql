-- Hours with their status; where one is incomplete, whose log is missing what since when, and what mends it. Grain: UTC hour, thing
-- that is missing. Status: complete, revised (complete, and added to since), incomplete, running. grade: how sure the hour's logs are,
-- by the weakest: exact (edges of ours alone), gap-detectable or best-effort (sources too). 'edge': an edge or a source.
-- Parameters: from (inclusive) and to (exclusive), each a time as 2016-02-20T05:00:00Z; incomplete: yes for those alone; at: the
-- time that it is.
-- Call: psql -v incomplete=yes -f hours.sql
\if :{?from}
\else
\set from -infinity
\endif
\if :{?to}
\else
\set to infinity
\endif
\if :{?incomplete}
\else
\set incomplete no
\endif
\if :{?at}
\else
\set at now
\endif
with known as (
  select h as hour, h + interval '1 hour' as until, least(h + interval '1 hour', :'at'::timestamptz - interval '2 minutes') as due
  from (select least(hours_begin(), (select min(hour) from usage_hourly)) as first) f
  cross join lateral generate_series(
    date_trunc('hour', case when f.first is not null then greatest(:'from'::timestamptz, f.first) end, 'UTC'),
    least(:'to'::timestamptz - interval '1 microsecond', :'at'::timestamptz), interval '1 hour') h
  where h >= :'from'::timestamptz
), faults as materialized (
  select * from coverage_faults(:'at'::timestamptz)
), missing as (
  select k.hour, r.edge, coalesce(f.epoch, '-') as epoch, coalesce(f.stream::text, '-') as stream,
    coalesce(f.fault, 'not proven so far yet') as missing, coalesce(f.missing_since, r.through) as since, coalesce(f.mend, '-') as mend
  from known k
  join edge_roster r on r.since < k.until and coalesce(r.until, 'infinity') > k.hour
    and r.through < least(k.due, coalesce(r.until, 'infinity'))
  left join faults f on (f.edge, f.since) = (r.edge, r.since) and f.missing_since < least(k.until, coalesce(r.until, 'infinity'))
  union all
  select k.hour, s.source, '-', '-', 'the source is not closed through this hour', coalesce(s.closed_through, s.since),
    'counterfoil source close ' || s.source
  from known k
  join source s on s.since < k.until and coalesce(s.closed_through, '-infinity') < k.until
  where k.due = k.until
  union all
  select k.hour, i.source, '-', '-', sum(i.missing) || ' batches of ' || count(*) || ' instances did not come', min(i.first_at),
    'see whether its sender still has them; counterfoil control-total ' || i.source
  from known k
  join source s on s.since < k.until and coalesce(s.closed_through, '-infinity') < k.until
  join source_instance i on i.source = s.source and i.missing > 0 and i.first_at < k.until + interval '1 hour'
    and i.last_at >= k.hour
  where k.due = k.until
  group by k.hour, i.source
  union all
  select k.hour, '-', '-', '-', 'nobody was on the roster', k.hour,
    'counterfoil edge register EDGE --since ' || to_char(k.hour at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
  from known k
  where k.hour < coalesce(hours_begin(), 'infinity')
)
select
  to_char(k.hour at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as hour,
  case
    when m.hour is not null then 'incomplete'
    when k.until > :'at'::timestamptz then 'running'
    when not hour_is_complete(k.hour) then 'incomplete'
    when s.revised_at is not null then 'revised'
    else 'complete'
  end as status,
  coalesce((select min(s.grade) from source_hour h join source s using (source) where h.hour = k.hour), 'exact') as grade,
  coalesce(m.edge, '-') as edge,
  coalesce(m.epoch, '-') as epoch,
  coalesce(m.stream, '-') as stream,
  coalesce(m.missing, case when m.hour is null and k.until <= :'at'::timestamptz and not hour_is_complete(k.hour)
    then 'not proven so far yet' end, '-') as missing,
  coalesce(to_char(m.since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '-') as since,
  coalesce(m.mend, '-') as mend
from known k
left join missing m using (hour)
left join hour_status s using (hour)
where :'incomplete' = 'no' or m.hour is not null or (k.until <= :'at'::timestamptz and not hour_is_complete(k.hour))
order by k.hour, m.edge collate "C", m.epoch, m.stream, m.missing;
