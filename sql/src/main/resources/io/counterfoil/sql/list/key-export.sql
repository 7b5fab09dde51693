-- Keys as 'counterfoil key import' reads them; never a key's text or hash. Grain: key. Plan and version: of its own subscription that is in
-- force; empty: it follows its account's. State: 'label only' where there is no hash of it, as of those that came without one.
-- Parameters: account, a name, or * for all; at, a time: what is valid then.
-- Call: psql -v account='Acme' -v at=2026-11-01T00:00:00Z -f key-export.sql
\if :{?account}
\else
\set account *
\endif
\if :{?at}
\else
\set at now
\endif
select
  k.label,
  a.name as account,
  coalesce(p.name, '') as plan,
  coalesce(p.version::text, '') as version,
  array_to_string(k.scopes, ' ') as scopes,
  case
    when k.disabled_at is not null then 'disabled'
    when k.expires_at <= :'at'::timestamptz then 'expired'
    when not exists (select from api_key_secret s where s.key_id = k.key_id) then 'label only'
    when not exists (
      select from api_key_secret s where s.key_id = k.key_id and coalesce(s.expires_at, 'infinity') > :'at'::timestamptz)
      then 'expired'
    else 'active'
  end as state,
  coalesce(to_char(k.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '') as expires,
  coalesce(k.external_id, '') as external_id
from api_key k
join account a using (account_id)
left join lateral (
  select s.plan_id from subscription s
  where s.key_id = k.key_id and s.replaced_at is null and s.since <= :'at'::timestamptz
  order by s.since desc limit 1) own on true
left join plan p on p.plan_id = own.plan_id
where :'account' in ('*', a.name)
order by a.name collate "C", k.label collate "C";
