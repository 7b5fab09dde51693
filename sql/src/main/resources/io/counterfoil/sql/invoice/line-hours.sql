-- Grain: hour of an invoice's line with usage, in order. Of the line's measure: counted, what usage_hourly holds now; later, what of it was
-- added after the invoice. Parameters: as of line-quantity.sql.
select u.hour, sum(u.counted) as counted, sum(u.later) as later
from key_plan p
join plan v using (plan_id)
cross join lateral (
  select h.hour, h.route, h.outcome,
    case cast(:measure as text) when 'requests' then h.requests when 'units' then h.units else h.bytes_out end as counted, 0 as later
  from usage_hourly h
  where h.key_id = p.key_id and h.hour >= greatest(p.since, cast(:since as timestamptz))
    and h.hour < least(p.until, cast(:until as timestamptz))
  union all
  select r.hour, r.route, r.outcome, 0,
    case cast(:measure as text) when 'requests' then r.requests when 'units' then r.units else r.bytes_out end
  from usage_restatement r
  where r.key_id = p.key_id and r.hour >= greatest(p.since, cast(:since as timestamptz))
    and r.hour < least(p.until, cast(:until as timestamptz)) and r.merge_no > cast(:merge_no as bigint)) u
where p.account_id = cast(:account as bigint) and p.plan_id = cast(:plan as bigint) and p.own = cast(:own as boolean)
  and p.key_id = coalesce(cast(:key as bigint), p.key_id)
  and u.outcome = any (v.billable_outcomes) and is_metered(u.route)
  and route_matches(u.route, cast(:only as text[]), cast(:except as text[]))
group by u.hour
order by u.hour
