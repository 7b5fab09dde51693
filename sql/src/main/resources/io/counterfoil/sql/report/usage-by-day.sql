-- Usage by day and account. Grain: UTC day, account; '-' where a request carried no valid key, or one that is not in this database.
-- billable_requests: by the plan in force in the hour, or successes where none was.
-- Parameters: from (inclusive) and to (exclusive), each a time as 2016-02-20T05:00:00Z; account, a name, or * for all.
-- Call: psql -v from=2016-02-20T00:00:00Z -v to=2016-03-01T00:00:00Z -f usage-by-day.sql
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
  to_char(date_trunc('day', u.hour, 'UTC') at time zone 'UTC', 'YYYY-MM-DD') as day,
  coalesce(a.name, '-') as account,
  sum(u.requests)::bigint as requests,
  coalesce(sum(u.requests) filter (
    where k.key_id is not null and is_metered(u.route)
      and u.outcome = any (coalesce(p.billable_outcomes, '{success}'))), 0)::bigint as billable_requests,
  sum(u.units)::bigint as units,
  sum(u.bytes_in)::bigint as bytes_in,
  sum(u.bytes_out)::bigint as bytes_out,
  coalesce(sum(u.requests) filter (where u.outcome = 'success'), 0)::bigint as success,
  coalesce(sum(u.requests) filter (where u.outcome = 'client_error'), 0)::bigint as client_errors,
  coalesce(sum(u.requests) filter (where u.outcome = 'server_error'), 0)::bigint as server_errors,
  coalesce(sum(u.requests) filter (where u.outcome = 'refused'), 0)::bigint as refused,
  coalesce(sum(u.requests) filter (where u.outcome = 'unauthorized'), 0)::bigint as unauthorized
from usage_hourly u
left join api_key k on k.key_id = u.key_id
left join account a on a.account_id = k.account_id
left join plan p on p.plan_id = plan_at(k.key_id, k.account_id, u.hour)
where u.hour >= :'from'::timestamptz and u.hour < :'to'::timestamptz
  and :'account' in ('*', a.name)
group by date_trunc('day', u.hour, 'UTC'), a.account_id
order by date_trunc('day', u.hour, 'UTC'), coalesce(a.name, '-') collate "C", a.account_id nulls first;
