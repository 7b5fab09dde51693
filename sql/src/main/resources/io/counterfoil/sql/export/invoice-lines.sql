-- Lines of the final invoices and credits of the periods that begin in a month, in their accounts' zones. Grain: line. Times are UTC;
-- until is exclusive. quantity is of the measure, billable; included of it, free; per, what a price is for; adjusts and credits name
-- invoices.
-- Parameter: period, a month.
-- Call: :period = '2026-10'
select
  l.number,
  l.line,
  i.buyer ->> 'name' as account,
  l.kind,
  l.name,
  p.name as plan,
  p.version as plan_version,
  k.label as key,
  to_char(l.since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since,
  to_char(l.until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as until,
  l.measure,
  l.quantity,
  (l.detail ->> 'per')::numeric as per,
  (l.detail ->> 'included')::numeric as included,
  l.adjusts,
  i.credits,
  i.currency,
  l.amount
from invoice i
join invoice_line l on l.number = i.number
left join plan p on p.plan_id = l.plan_id
left join api_key k on k.key_id = l.key_id
where to_char(i.period_from at time zone coalesce(i.buyer ->> 'time_zone', 'UTC'), 'YYYY-MM') = :period
order by l.number, l.line
