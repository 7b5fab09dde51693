-- Accounts as 'counterfoil account import' reads them. Grain: account; an empty text: none.
-- Parameters: account, a name, or * for all.
-- Call: psql -v account='Acme' -f account-export.sql
\if :{?account}
\else
\set account *
\endif
select
  a.name,
  coalesce(a.external_id, '') as external_id,
  coalesce(a.legal_name, '') as legal_name,
  coalesce(a.address, '') as address,
  coalesce(a.tax_id, '') as tax_id,
  coalesce(a.billing_email, '') as billing_email,
  a.time_zone,
  coalesce(a.tax_name, '') as tax_name,
  coalesce(trim_scale(a.tax_percent)::text, '') as tax_percent,
  coalesce(array_to_string(a.notice_thresholds, ' '), '') as thresholds,
  coalesce(a.notice_email, '') as notice_email
from account a
where :'account' in ('*', a.name)
order by a.name collate "C";
