-- What is used of each limit. Grain: limit, key or account, and window that has not passed. Quota and used: requests, units or bytes, by
-- the measure; the quota is an override's where one is in force, else the plan's.
-- Parameters: account, a name, or * for all; at, a time: which windows have not passed.
-- Call: psql -v account='Acme' -v at=2026-11-01T00:00:00Z -f limits.sql
\if :{?account}
\else
\set account *
\endif
\if :{?at}
\else
\set at now
\endif
select
  a.name as account,
  coalesce(k.label, '-') as key,
  p.name as plan,
  l.time_window,
  l.measure,
  u.used,
  quota_in_force(l.limit_id, k.key_id, a.account_id, :'at'::timestamptz) as quota,
  case when f.over then case l.action when 'refuse' then 'refused' when 'warn' then 'warned' else 'notified' end else '-' end as over,
  to_char(u.window_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as window_start,
  to_char(u.resets_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as resets_at
from limit_usage u
join plan_limit l on l.limit_id = u.limit_id and l.ended_at is null
join plan p using (plan_id)
left join api_key k on l.scope = 'key' and k.key_id = u.subject_id
join account a on a.account_id = coalesce(k.account_id, u.subject_id)
left join flag f on (f.limit_id, f.subject_id, f.window_start) = (u.limit_id, u.subject_id, u.window_start) and not f.lifted
where u.resets_at > :'at'::timestamptz
  and :'account' in ('*', a.name)
  and (l.scope = 'account' or k.plan_id = l.plan_id)
  and (l.scope = 'key' or u.used > 0)
order by a.name collate "C", k.label collate "C", p.name collate "C", l.time_window collate "C", l.measure, u.window_start;
