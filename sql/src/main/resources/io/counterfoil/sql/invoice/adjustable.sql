-- Grain: final invoice of those accounts to whose hours billable usage was added after all that was invoiced for its period; with what was
-- (net), what of it was credited (net) and, by hour, what was added. Parameter: accounts. After control_version was taken, where it is to be invoiced.
with billed as (
  select i.number, i.account_id, i.period_interval, i.anchor_day, i.currency, i.period_from, i.period_to, i.merge_no
  from invoice i
  where i.kind = 'invoice' and i.account_id = any (:accounts)
    and exists (
      select from api_key k join usage_restatement u using (key_id)
      where k.account_id = i.account_id and u.hour >= i.period_from and u.hour < i.period_to and u.merge_no > i.merge_no)
), adjusted as (
  select b.*, greatest(b.merge_no, max(j.merge_no)) as seen, coalesce(sum(l.amount), 0) as adjustments
  from billed b
  left join invoice_line l on l.adjusts = b.number
  left join invoice j on j.number = l.number
  group by b.number, b.account_id, b.period_interval, b.anchor_day, b.currency, b.period_from, b.period_to, b.merge_no
), restated as (
  select a.number, u.hour, sum(u.requests) as requests, sum(u.units) as units, sum(u.bytes_out) as bytes_out
  from adjusted a
  join plan v on v.period_interval = a.period_interval and v.anchor_day = a.anchor_day and v.currency = a.currency
  join key_plan p on p.account_id = a.account_id and p.plan_id = v.plan_id
  join usage_restatement u on u.key_id = p.key_id and u.hour >= greatest(p.since, a.period_from) and u.hour < least(p.until, a.period_to)
  where p.account_id = any (:accounts) and u.merge_no > a.seen and u.outcome = any (v.billable_outcomes) and is_metered(u.route)
  group by a.number, u.hour
)
select a.number, a.account_id, a.period_interval, a.anchor_day, a.currency, a.period_from, a.period_to,
  a.adjustments + coalesce((
    select sum(l.amount) from invoice_line l where l.number = a.number and l.kind in ('charge', 'discount', 'minimum')), 0) as invoiced,
  coalesce((select -sum(c.net) from invoice c where c.credits = a.number), 0) as credited,
  jsonb_agg(jsonb_build_object('hour', to_char(r.hour at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'requests', r.requests::text,
    'units', r.units::text, 'bytes_out', r.bytes_out::text) order by r.hour)::text as hours
from adjusted a
join restated r using (number)
group by a.number, a.account_id, a.period_interval, a.anchor_day, a.currency, a.period_from, a.period_to, a.adjustments
order by a.number
