-- Deliveries of notices, the newest last. Grain: notice and target.
-- Parameters: account, a name, or * for all; state: pending, dead, delivered, or all.
-- Call: psql -v account=Acme -v state=dead -f notices.sql
\if :{?account}
\else
\set account *
\endif
\if :{?state}
\else
\set state all
\endif
select
  d.delivery_id as number,
  a.name as account,
  case when l.scope = 'key' then coalesce(k.label, '-') else '-' end as key,
  p.name as plan,
  l.time_window,
  l.measure,
  n.threshold::bigint as percent,
  n.quota,
  n.used,
  to_char(n.window_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as window_start,
  coalesce('webhook ' || d.endpoint_id, d.email) as target,
  case when d.delivered_at is not null then 'delivered' when d.dead_at is not null then 'dead' else 'pending' end as state,
  d.attempts::bigint as attempts,
  to_char(coalesce(d.delivered_at, d.dead_at, d.next_attempt_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at,
  coalesce(d.last_error, '-') as last_error,
  d.message_id
from notice_delivery d
join notice n using (notice_id)
join account a using (account_id)
join plan_limit l using (limit_id)
join plan p using (plan_id)
left join api_key k on l.scope = 'key' and k.key_id = n.subject_id
where (:'account' = '*' or a.name = :'account')
  and (:'state' = 'all'
    or (:'state' = 'delivered' and d.delivered_at is not null)
    or (:'state' = 'dead' and d.dead_at is not null)
    or (:'state' = 'pending' and d.delivered_at is null and d.dead_at is null))
order by d.delivery_id;
