-- Overrides of quotas. Grain: override. Quota: requests, units or bytes, by the measure.
-- Parameters: at, a time: what is in force then.
-- Call: psql -v at=2026-11-01T00:00:00Z -f overrides.sql
\if :{?at}
\else
\set at now
\endif
select
  o.override_id,
  coalesce('key ' || k.label, 'account ' || a.name) as subject,
  o.time_window,
  o.measure,
  coalesce(o.action, 'any') as over,
  o.quota,
  case when o.ended_at is null and coalesce(o.until, 'infinity') > :'at'::timestamptz then 'in force' else 'ended' end as state,
  coalesce(to_char(o.until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '-') as until,
  o.actor,
  o.reason,
  to_char(o.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created_at,
  coalesce(o.ended_by, '-') as ended_by
from limit_override o
left join api_key k using (key_id)
left join account a on a.account_id = o.account_id
order by o.override_id;
