-- What sources' platforms say they served, against what was counted. Grain: source, hour that a total was entered for. difference: the
-- platform's, less ours; percent of the platform's. basis: count, or estimate where the platform samples or rounds: then a difference
-- proves nothing.
-- Parameters: from (inclusive) and to (exclusive), each a time as 2016-02-20T05:00:00Z; source, * for all.
-- Call: psql -v source=shop -f control-totals.sql
\if :{?from}
\else
\set from -infinity
\endif
\if :{?to}
\else
\set to infinity
\endif
\if :{?source}
\else
\set source *
\endif
select
  to_char(t.hour at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as hour,
  t.source,
  t.requests as platform,
  coalesce(h.requests, 0) as counted,
  t.requests - coalesce(h.requests, 0) as difference,
  round(100.0 * (t.requests - coalesce(h.requests, 0)) / nullif(t.requests, 0), 2) as percent,
  case when t.estimate then 'estimate' else 'count' end as basis,
  t.actor,
  t.reason
from (
  select distinct on (source, hour) * from control_total
  where hour >= :'from'::timestamptz and hour < :'to'::timestamptz and :'source' in ('*', source)
  order by source, hour, control_total_id desc) t
left join source_hour h using (source, hour)
order by t.hour, t.source;
