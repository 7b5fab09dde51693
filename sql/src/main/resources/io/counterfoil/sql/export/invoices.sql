-- Final invoices and credits of the periods that begin in a month, in their accounts' zones. Grain: invoice. Names and addresses as they
-- were when it was made final. Times are UTC; period_to is exclusive.
-- Parameter: period, a month.
-- Call: :period = '2026-10'
select
  i.number,
  i.kind,
  i.buyer ->> 'name' as account,
  i.buyer ->> 'external_id' as account_external_id,
  i.buyer ->> 'legal_name' as legal_name,
  i.buyer ->> 'tax_id' as tax_id,
  i.buyer ->> 'billing_email' as billing_email,
  to_char(i.period_from at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as period_from,
  to_char(i.period_to at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as period_to,
  i.currency,
  i.net,
  i.tax,
  i.total,
  i.lines,
  i.incomplete_hours,
  i.credits,
  to_char(i.finalised_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as finalised_at,
  i.actor,
  i.reason
from invoice i
where to_char(i.period_from at time zone coalesce(i.buyer ->> 'time_zone', 'UTC'), 'YYYY-MM') = :period
order by i.number
