-- Who has used so many percent of a limit, or more, in a window that has not passed. Grain: limit, key or account, and window; the fullest
-- first. Quota and used: requests, units or bytes, by the measure; the quota is an override's where one is in force, else the plan's.
-- percent is '-' where the quota is 0.
-- Parameters: percent, a whole number; account, a name, or * for all; at, a time: which windows have not passed.
-- Call: psql -v percent=90 -v at=2026-11-01T00:00:00Z -f near-limit.sql
\if :{?percent}
\else
\set percent 80
\endif
\if :{?account}
\else
\set account *
\endif
\if :{?at}
\else
\set at now
\endif
with used as (
  select
    a.name as account,
    coalesce(k.label, '-') as key,
    p.name as plan,
    l.time_window,
    l.measure,
    l.action,
    u.used,
    quota_in_force(l.limit_id, k.key_id, a.account_id, :'at'::timestamptz) as quota,
    u.window_start,
    u.resets_at,
    l.limit_id
  from limit_usage u
  join plan_limit l on l.limit_id = u.limit_id and l.ended_at is null
  join plan p using (plan_id)
  left join api_key k on l.scope = 'key' and k.key_id = u.subject_id
  join account a on a.account_id = coalesce(k.account_id, u.subject_id)
  where u.resets_at > :'at'::timestamptz
    and :'account' in ('*', a.name)
    and (l.scope = 'account' or k.plan_id = l.plan_id)
    and (l.scope = 'key' or u.used > 0)
)
select
  account,
  key,
  plan,
  time_window,
  measure,
  action as over,
  used,
  quota,
  round(100.0 * used / nullif(quota, 0), 1) as percent,
  to_char(window_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as window_start,
  to_char(resets_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as resets_at
from used
where 100.0 * used >= quota::numeric * :'percent'::bigint
order by 100.0 * used / nullif(quota, 0) desc nulls first, account collate "C", key collate "C", window_start, limit_id;
