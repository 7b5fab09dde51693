-- Grain: segment of a bill, route. Billable usage in the hours in which that version of a plan was in force, by the account's subscription
-- (key_id null) or the key's own. Parameters: arrays of one element a segment: bills, segments, accounts, keys, plans, since, until; ids, the
-- accounts; first and last (exclusive), which all hours lie in.
with segment as (
  select *
  from unnest(:bills::int[], :segments::int[], :accounts::bigint[], :keys::bigint[], :plans::bigint[], :since::text[]::timestamptz[],
    :until::text[]::timestamptz[]) s (bill, segment, account_id, key_id, plan_id, since, until)
)
select s.bill, s.segment, u.route, sum(u.requests) as requests, sum(u.units) as units, sum(u.bytes_out) as bytes_out
from segment s
join plan v using (plan_id)
join key_plan p on p.account_id = s.account_id and p.plan_id = s.plan_id and p.own = (s.key_id is not null)
  and p.key_id = coalesce(s.key_id, p.key_id) and p.since < s.until and p.until > s.since
join usage_hourly u on u.key_id = p.key_id and u.hour >= greatest(p.since, s.since) and u.hour < least(p.until, s.until)
where p.account_id = any (:ids) and u.hour >= cast(:first as timestamptz) and u.hour < cast(:last as timestamptz)
  and u.outcome = any (v.billable_outcomes) and is_metered(u.route)
group by s.bill, s.segment, u.route
order by s.bill, s.segment, u.route
