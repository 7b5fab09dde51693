-- Grain: one row. The quantity of an invoice's line: what usage_hourly holds now, less what merges added after the invoice to the hours
-- that it billed. Parameters, as texts: measure; account; plan, the version's number; own, whether by a key's own subscription; key, its
-- number or null; since, until (exclusive); only and except, routes as the charge names them; merge_no, the invoice's control_version.
-- Call: counterfoil invoice explain NUMBER prints it with an invoice's values, for psql.
select coalesce(sum(case cast(:measure as text) when 'requests' then u.requests when 'units' then u.units else u.bytes_out end), 0)
  as quantity
from key_plan p
join plan v using (plan_id)
cross join lateral (
  select h.route, h.outcome, h.requests, h.units, h.bytes_out
  from usage_hourly h
  where h.key_id = p.key_id and h.hour >= greatest(p.since, cast(:since as timestamptz))
    and h.hour < least(p.until, cast(:until as timestamptz))
  union all
  select r.route, r.outcome, -r.requests, -r.units, -r.bytes_out
  from usage_restatement r
  where r.key_id = p.key_id and r.hour >= greatest(p.since, cast(:since as timestamptz))
    and r.hour < least(p.until, cast(:until as timestamptz)) and r.merge_no > cast(:merge_no as bigint)) u
where p.account_id = cast(:account as bigint) and p.plan_id = cast(:plan as bigint) and p.own = cast(:own as boolean)
  and p.key_id = coalesce(cast(:key as bigint), p.key_id)
  and u.outcome = any (v.billable_outcomes) and is_metered(u.route)
  and route_matches(u.route, cast(:only as text[]), cast(:except as text[]))
