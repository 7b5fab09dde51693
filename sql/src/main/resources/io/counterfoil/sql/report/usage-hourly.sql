-- Usage by hour, account and key. Grain: UTC hour, key. Key and account are '-' where a request carried no valid key; a key that is
-- not in this database stands as '#' and its number. billable_requests: by the plan in force in the hour,
-- or successes where none was. grade: how sure the hour's logs are, as in hours.sql.
-- Parameters: from (inclusive) and to (exclusive), each a time as 2016-02-20T05:00:00Z; without them, everything.
-- Call: psql -v from=2016-02-20T00:00:00Z -v to=2016-02-21T00:00:00Z -f usage-hourly.sql
\if :{?from}
\else
\set from -infinity
\endif
\if :{?to}
\else
\set to infinity
\endif
select
  to_char(u.hour at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as hour,
  coalesce(a.name, '-') as account,
  coalesce(k.label, case u.key_id when 0 then '-' else '#' || u.key_id end) as key,
  sum(u.requests)::bigint as requests,
  coalesce(sum(u.requests) filter (
    where k.key_id is not null and is_metered(u.route)
      and u.outcome = any (coalesce(p.billable_outcomes, '{success}'))), 0)::bigint as billable_requests,
  sum(u.units)::bigint as units,
  sum(u.bytes_out)::bigint as bytes_out,
  coalesce(sum(u.requests) filter (where u.outcome = 'success'), 0)::bigint as success,
  coalesce(sum(u.requests) filter (where u.outcome = 'client_error'), 0)::bigint as client_errors,
  coalesce(sum(u.requests) filter (where u.outcome = 'server_error'), 0)::bigint as server_errors,
  coalesce(sum(u.requests) filter (where u.outcome = 'refused'), 0)::bigint as refused,
  coalesce(sum(u.requests) filter (where u.outcome = 'unauthorized'), 0)::bigint as unauthorized,
  coalesce((select min(s.grade) from source s where exists (select from source_hour h where (h.source, h.hour) = (s.source, u.hour))
    or (s.since <= u.hour and not exists (select from source_hour h where h.source = s.source))), 'exact') as grade
from usage_hourly u
left join api_key k on k.key_id = u.key_id
left join account a on a.account_id = k.account_id
left join plan p on p.plan_id = plan_at(k.key_id, k.account_id, u.hour)
where u.hour >= :'from'::timestamptz and u.hour < :'to'::timestamptz
group by u.hour, a.name, k.label, u.key_id
order by u.hour, coalesce(a.name, '-') collate "C", coalesce(k.label, '-') collate "C", u.key_id;
