-- Keys with their state; never a key's text or hash. Grain: key. 'secrets': how many are valid at that time.
-- Parameters: account, a name, or * for all; at, a time: what is valid then.
-- Call: psql -v account='Acme' -v at=2026-11-01T00:00:00Z -f keys.sql
\if :{?account}
\else
\set account *
\endif
\if :{?at}
\else
\set at now
\endif
select
  k.key_id,
  k.label,
  a.name as account,
  coalesce(p.name, '-') as plan,
  coalesce(nullif(array_to_string(k.scopes, ' '), ''), '-') as scopes,
  case
    when k.disabled_at is not null then 'disabled'
    when k.expires_at <= :'at'::timestamptz then 'expired'
    when count(s.sha256) = 0 then 'label only'
    when count(s.sha256) filter (where coalesce(s.expires_at, 'infinity') > :'at'::timestamptz) = 0 then 'expired'
    else 'active'
  end as state,
  count(s.sha256) filter (where coalesce(least(k.expires_at, s.expires_at), 'infinity') > :'at'::timestamptz) as secrets,
  coalesce(to_char(k.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '-') as expires_at,
  coalesce(to_char(min(s.expires_at) filter (where s.expires_at > :'at'::timestamptz) at time zone 'UTC',
    'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '-') as old_secret_until,
  to_char(k.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created_at,
  coalesce(k.external_id, '-') as external_id
from api_key k
join account a using (account_id)
left join plan p using (plan_id)
left join api_key_secret s using (key_id)
where :'account' in ('*', a.name)
group by k.key_id, a.name, p.name
order by a.name collate "C", k.label collate "C";
