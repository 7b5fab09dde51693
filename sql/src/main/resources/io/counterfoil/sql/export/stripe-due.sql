-- Billable usage beside what was handed over of it. Grain: account, event name, hour, where the two differ. Billable is what invoices bill: by
-- the plan that is in force in the hour, outcomes that it bills, routes that are metered. A plan without prices counts as well: who
-- prices at Stripe needs no rate card here. fault: why it cannot be sent; null: it can.
-- Parameters: measures and events, arrays of one element a meter; from and to (exclusive), UTC; oldest, the first hour that is taken; at,
-- the clock's, behind which none is; most, the largest value of an event.
-- Call: :measures = '{requests}', :events = '{api_requests}', :from = '2026-10-01T00:00:00Z', …
select
  a.account_id,
  a.name as account,
  a.external_id as customer,
  event_name,
  hour,
  coalesce(d.used, 0) as used,
  coalesce(s.sent, 0) as sent,
  case
    when coalesce(d.used, 0) < coalesce(s.sent, 0) then 'less'
    when coalesce(a.external_id, '') = '' then 'no external id'
    when hour < cast(:oldest as timestamptz) then 'too old'
    when hour > cast(:at as timestamptz) then 'ahead'
    when coalesce(d.used, 0) - coalesce(s.sent, 0) > :most then 'too large'
  end as fault
from (
  select k.account_id, m.event_name, u.hour,
    sum(case m.measure when 'requests' then u.requests when 'units' then u.units else u.bytes_out end) as used
  from usage_hourly u
  join api_key k using (key_id)
  join plan v on v.plan_id = plan_at(k.key_id, k.account_id, u.hour)
  cross join unnest(:measures::text[], :events::text[]) m (measure, event_name)
  where u.hour >= cast(:from as timestamptz) and u.hour < cast(:to as timestamptz)
    and u.outcome = any (v.billable_outcomes) and is_metered(u.route)
  group by k.account_id, m.event_name, u.hour) d
full join (
  select account_id, event_name, hour, sum(value) as sent
  from stripe_sent
  where hour >= cast(:from as timestamptz) and hour < cast(:to as timestamptz) and event_name = any (:events)
  group by account_id, event_name, hour) s using (account_id, event_name, hour)
join account a using (account_id)
where coalesce(d.used, 0) <> coalesce(s.sent, 0)
