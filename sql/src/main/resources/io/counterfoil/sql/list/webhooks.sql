-- Receivers of notices. Grain: endpoint. Its URL may hold what only its owner is to know: not for everybody's eyes.
-- Parameters: at, a time: whether the former secret signs too then.
-- Call: psql -v at=2026-11-01T00:00:00Z -f webhooks.sql
\if :{?at}
\else
\set at now
\endif
select
  e.endpoint_id,
  a.name as account,
  e.url,
  case when e.disabled_at is null then 'enabled' else 'disabled' end as state,
  e.generation::bigint as generation,
  case when e.former_until > :'at'::timestamptz
    then to_char(e.former_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') else '-' end as former_until,
  (select count(*) from notice_delivery d where d.endpoint_id = e.endpoint_id and d.delivered_at is null and d.dead_at is null) as pending,
  to_char(e.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created_at,
  e.decided_by,
  coalesce(e.disabled_reason, '-') as disabled_reason
from webhook_endpoint e
join account a using (account_id)
order by e.endpoint_id;
