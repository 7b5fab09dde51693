-- Subscriptions, those that others replaced too. Grain: change of an account's (key '-') or a key's own. Plan '-': none from then on, for a
-- key its account's again. 'until': exclusive; '-' for ever, and of what was replaced.
-- Parameters: account, a name, or * for all; at, a time: what is in force then.
-- Call: psql -v account='Acme' -v at=2026-11-01T00:00:00Z -f subscriptions.sql
\if :{?account}
\else
\set account *
\endif
\if :{?at}
\else
\set at now
\endif
with spans as (
  select *, lead(since, 1, 'infinity') over (partition by account_id, key_id, replaced_at is null order by since) as until
  from subscription
)
select
  a.name as account,
  coalesce(k.label, '-') as key,
  coalesce(p.name, '-') as plan,
  coalesce(p.version::text, '-') as version,
  to_char(s.since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since,
  case when s.replaced_at is null and s.until < 'infinity' then to_char(s.until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') else '-' end
    as until,
  case
    when s.replaced_at is not null then 'replaced'
    when s.since > :'at'::timestamptz then 'ahead'
    when s.until <= :'at'::timestamptz then 'past'
    else 'in force'
  end as state,
  s.actor,
  s.reason,
  to_char(s.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created_at
from spans s
join account a using (account_id)
left join api_key k on k.key_id = s.key_id
left join plan p on p.plan_id = s.plan_id
where :'account' in ('*', a.name)
order by a.name collate "C", k.label collate "C" nulls first, s.since, s.subscription_id;
