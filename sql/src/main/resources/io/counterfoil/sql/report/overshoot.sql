-- How many requests passed after a limit was used up and before it was refused or warned of, counted from the log itself by 'job
-- overshoot'. Grain: limit, window, key and UTC hour. Quota: requests, units or bytes, by the measure. lag_ms: from the record that used the
-- quota up to the last edge's first refusal or warning, which comes with the next request; - where no request came any more.
-- Not here: limits used up in a window that had passed before it was counted (no flag, nobody was held), and those whose quota was raised
-- before they were told.
-- Parameters: from and to, times of windows' beginnings; account, a name, or * for all.
-- Call: psql -v from=2026-11-01T00:00:00Z -f overshoot.sql
\if :{?from}
\else
\set from -infinity
\endif
\if :{?to}
\else
\set to infinity
\endif
\if :{?account}
\else
\set account *
\endif
select
  a.name as account,
  coalesce(k.label, '-') as key,
  to_char(o.hour at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as hour,
  l.scope as per,
  l.time_window,
  l.measure,
  c.quota,
  l.action as over,
  coalesce(to_char(c.crossed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '-') as crossed_at,
  coalesce(sum(o.passed)::bigint::text, '-') as passed,
  coalesce(floor(extract(epoch from max(o.held_at) - c.crossed_at) * 1000)::bigint::text, '-') as lag_ms,
  coalesce(c.fault, '-') as fault
from limit_crossing c
join plan_limit l using (limit_id)
left join overshoot o
  on (o.limit_id, o.subject_id, o.window_start, o.quota) = (c.limit_id, c.subject_id, c.window_start, c.quota)
left join api_key k on k.key_id = coalesce(o.key_id, case l.scope when 'key' then c.subject_id end)
join account a on a.account_id = coalesce(k.account_id, c.subject_id)
where c.window_start >= :'from'::timestamptz and c.window_start < :'to'::timestamptz
  and :'account' in ('*', a.name)
group by a.name, k.label, o.hour, l.limit_id, c.limit_id, c.subject_id, c.window_start, c.quota
order by a.name collate "C", k.label collate "C", c.window_start, l.limit_id, c.quota, o.hour;
