-- Final invoices and credits. Grain: invoice or credit, by number. Sums in the currency's major unit; a credit's are below 0.
-- Parameters: account, a name, or * for all; period, the month in which periods begin in their account's zone, as 2026-10, or * for all.
-- Call: psql -v account='Acme' -v period=2026-10 -f invoices.sql
\if :{?account}
\else
\set account *
\endif
\if :{?period}
\else
\set period *
\endif
select
  i.number,
  i.kind,
  a.name as account,
  to_char(i.period_from at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as period_from,
  to_char(i.period_to at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as period_to,
  i.currency,
  i.net,
  i.tax,
  i.total,
  i.incomplete_hours::bigint as incomplete_hours,
  case when i.kind = 'credit' then 'of ' || i.credits
    when coalesce(c.total, 0) = 0 then '-' else c.total::text end as credited,
  to_char(i.finalised_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as finalised_at
from invoice i
join account a using (account_id)
left join lateral (select -sum(total) as total from invoice c where c.credits = i.number) c on true
where :'account' in ('*', a.name)
  and :'period' in ('*', to_char(i.period_from at time zone coalesce(i.buyer ->> 'time_zone', 'UTC'), 'YYYY-MM'))
order by i.number;
