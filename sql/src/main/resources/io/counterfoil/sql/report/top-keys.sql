-- The keys that used most. Grain: key; one that is not in this database stands as '#' and its number, requests without a valid key are
-- not here. All requests count, billable or not. percent: of what all keys used of the measure, those that are not shown too; with
-- account=, of what that account's keys used.
-- Parameters: from (inclusive) and to (exclusive), each a time as 2016-02-20T05:00:00Z; account, a name, or * for all; measure:
-- requests, units or bytes_out; limit: how many rows.
-- Call: psql -v measure=bytes_out -v limit=20 -f top-keys.sql
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
    u.key_id,
    case :'measure'
      when 'requests' then sum(u.requests)
      when 'units' then sum(u.units)
      when 'bytes_out' then sum(u.bytes_out)
      else ('measure ' || :'measure' || ', expected requests, units or bytes_out')::bigint
    end as measured,
    sum(u.requests)::bigint as requests,
    sum(u.units)::bigint as units,
    sum(u.bytes_out)::bigint as bytes_out
  from usage_hourly u
  where u.hour >= :'from'::timestamptz and u.hour < :'to'::timestamptz and u.key_id <> 0
  group by u.key_id
)
select
  coalesce(a.name, '-') as account,
  coalesce(k.label, '#' || u.key_id) as key,
  u.requests,
  u.units,
  u.bytes_out,
  round(100.0 * u.measured / nullif(sum(u.measured) over (), 0), 2) as percent
from used u
left join api_key k using (key_id)
left join account a using (account_id)
where :'account' in ('*', a.name)
order by u.measured desc, u.key_id
limit :'limit'::bigint;
