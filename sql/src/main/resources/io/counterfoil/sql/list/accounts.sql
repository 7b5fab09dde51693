-- Accounts with the plan that is in force for them now. Grain: account. 'keys': how many it has, disabled ones too.
-- Call: psql -f accounts.sql
select
  a.name as account,
  coalesce(a.external_id, '-') as external_id,
  coalesce((
    select p.name || ' v' || p.version
    from (
      select plan_id from subscription s
      where s.account_id = a.account_id and s.key_id is null and s.replaced_at is null and s.in_effect
      order by s.since desc limit 1) last
    join plan p using (plan_id)), '-') as plan,
  coalesce(a.legal_name, '-') as legal_name,
  coalesce(a.billing_email, '-') as billing_email,
  a.time_zone,
  coalesce(a.tax_name || ' ' || trim_scale(a.tax_percent) || ' %', '-') as tax,
  (select count(*) from api_key k where k.account_id = a.account_id) as keys,
  to_char(a.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created_at
from account a
order by a.name collate "C";
