-- The routes that were used most. Grain: route; '-' where none matched. All requests count, those without a valid key too. average_ms:
-- from a request's first byte to its last. percent: of what all routes' requests used of the measure, those that are not shown
-- too; with account=, of what that account's requests used.
-- Parameters: from (inclusive) and to (exclusive), each a time as 2016-02-20T05:00:00Z; account, a name, or * for all; measure:
-- requests, units or bytes_out; limit: how many rows.
-- Call: psql -v measure=units -v account=Acme -f top-routes.sql
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
\if :{?measure}
\else
\set measure requests
\endif
\if :{?limit}
\else
\set limit 10
\endif
with used as (
  select
    u.route,
    case :'measure'
      when 'requests' then sum(u.requests)
      when 'units' then sum(u.units)
      when 'bytes_out' then sum(u.bytes_out)
      else ('measure ' || :'measure' || ', expected requests, units or bytes_out')::bigint
    end as measured,
    sum(u.requests)::bigint as requests,
    sum(u.units)::bigint as units,
    sum(u.bytes_in)::bigint as bytes_in,
    sum(u.bytes_out)::bigint as bytes_out,
    coalesce(sum(u.requests) filter (where u.outcome = 'client_error'), 0)::bigint as client_errors,
    coalesce(sum(u.requests) filter (where u.outcome = 'server_error'), 0)::bigint as server_errors,
    round(sum(u.duration_us) / nullif(sum(u.requests), 0) / 1000, 3) as average_ms
  from usage_hourly u
  left join api_key k using (key_id)
  left join account a using (account_id)
  where u.hour >= :'from'::timestamptz and u.hour < :'to'::timestamptz and :'account' in ('*', a.name)
  group by u.route
)
select
  route,
  requests,
  units,
  bytes_in,
  bytes_out,
  client_errors,
  server_errors,
  average_ms,
  round(100.0 * measured / nullif(sum(measured) over (), 0), 2) as percent
from used
order by measured desc, route
limit :'limit'::bigint;
