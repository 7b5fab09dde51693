-- What final invoices and credits state, by plan. Grain: billing period, currency, version of a plan; plan '-': lines of no plan, as
-- adjustments (of a whole period, whatever plans were in force in it), credits and taxes are. Amounts in the currency. net = charges + discounts + minimums + adjustments + credits; net and tax of all rows add up to the
-- invoices' totals. An adjustment counts in the period of the invoice that it is on.
-- Parameters: from (inclusive) and to (exclusive), each a time as 2016-02-20T05:00:00Z: when the billing period begins.
-- Call: psql -v from=2026-01-01T00:00:00Z -v to=2027-01-01T00:00:00Z -f revenue-by-plan.sql
\if :{?from}
\else
\set from -infinity
\endif
\if :{?to}
\else
\set to infinity
\endif
select
  to_char(i.period_from at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as period_from,
  to_char(i.period_to at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as period_to,
  i.currency,
  coalesce(p.name, '-') as plan,
  p.version::bigint as version,
  count(distinct i.number) filter (where i.kind = 'invoice') as invoices,
  coalesce(sum(l.amount) filter (where l.kind = 'charge'), 0) as charges,
  coalesce(sum(l.amount) filter (where l.kind = 'discount'), 0) as discounts,
  coalesce(sum(l.amount) filter (where l.kind = 'minimum'), 0) as minimums,
  coalesce(sum(l.amount) filter (where l.kind = 'adjustment'), 0) as adjustments,
  coalesce(sum(l.amount) filter (where l.kind = 'credit'), 0) as credits,
  coalesce(sum(l.amount) filter (where l.kind <> 'tax'), 0) as net,
  coalesce(sum(l.amount) filter (where l.kind = 'tax'), 0) as tax
from invoice i
join invoice_line l using (number)
left join plan p using (plan_id)
where i.period_from >= :'from'::timestamptz and i.period_from < :'to'::timestamptz
group by i.period_from, i.period_to, i.currency, p.plan_id
order by i.period_from, i.period_to, i.currency, p.name collate "C" nulls first, p.version;
