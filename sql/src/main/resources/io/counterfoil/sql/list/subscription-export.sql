-- Subscriptions as 'counterfoil subscription import' reads them, without those that others replaced. Grain: change of an account's (no key) or
-- a key's own; no plan: none from then on, for a key its account's again.
-- Parameters: account, a name, or * for all.
-- Call: psql -v account='Acme' -f subscription-export.sql
\if :{?account}
\else
\set account *
\endif
select
  a.name as account,
  coalesce(k.label, '') as key,
  coalesce(p.name, '') as plan,
  coalesce(p.version::text, '') as version,
  to_char(s.since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since,
  s.actor,
  s.reason
from subscription s
join account a using (account_id)
left join api_key k on k.key_id = s.key_id
left join plan p on p.plan_id = s.plan_id
where s.replaced_at is null and :'account' in ('*', a.name)
order by a.name collate "C", k.label collate "C" nulls first, s.since;
