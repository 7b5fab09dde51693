-- Usage by account, and each one's share of what is billable. Grain: account; '-' where a request carried no valid key, or one that is
-- not in this database. keys: of those, how many were used. percent: of all billable requests.
-- Parameters: from (inclusive) and to (exclusive), each a time as 2016-02-20T05:00:00Z.
-- Call: psql -v from=2016-02-01T00:00:00Z -v to=2016-03-01T00:00:00Z -f usage-by-account.sql
\if :{?from}
\else
\set from -infinity
\endif
\if :{?to}
\else
\set to infinity
\endif
with used as (
  select
    a.account_id,
    coalesce(a.name, '-') as account,
    count(distinct k.key_id) as keys,
    sum(u.requests)::bigint as requests,
    coalesce(sum(u.requests) filter (
      where k.key_id is not null and is_metered(u.route)
        and u.outcome = any (coalesce(p.billable_outcomes, '{success}'))), 0)::bigint as billable_requests,
    sum(u.units)::bigint as units,
    sum(u.bytes_in)::bigint as bytes_in,
    sum(u.bytes_out)::bigint as bytes_out
  from usage_hourly u
  left join api_key k on k.key_id = u.key_id
  left join account a on a.account_id = k.account_id
  left join plan p on p.plan_id = plan_at(k.key_id, k.account_id, u.hour)
  where u.hour >= :'from'::timestamptz and u.hour < :'to'::timestamptz
  group by a.account_id
)
select
  account,
  keys,
  requests,
  billable_requests,
  round(100.0 * billable_requests / nullif(sum(billable_requests) over (), 0), 2) as percent,
  units,
  bytes_in,
  bytes_out
from used
order by account collate "C", account_id nulls first;
