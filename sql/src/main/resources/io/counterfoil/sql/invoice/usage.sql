-- Grain: segment of a bill, route. Billable usage, as it was counted up to a control_version, in the hours in which that version of a plan was in force, by the account's subscription
-- (key_id null) or the key's own. Parameters: arrays of one element a segment: bills, segments, accounts, keys, plans, since, until; ids, the
-- accounts; first and last (exclusive), which all hours lie in; merge_no, the control_version: what merges added later to hours that were
-- billed is left out.
with segment as (
  select *
  from unnest(:bills::int[], :segments::int[], :accounts::bigint[], :keys::bigint[], :plans::bigint[], :since::text[]::timestamptz[],
    :until::text[]::timestamptz[]) s (bill, segment, account_id, key_id, plan_id, since, until)
), used_by as materialized (
  select s.bill, s.segment, p.key_id, greatest(p.since, s.since) as since, least(p.until, s.until) as until, v.billable_outcomes
  from segment s
  join plan v using (plan_id)
  join key_plan p on p.account_id = s.account_id and p.plan_id = s.plan_id and p.own = (s.key_id is not null)
    and p.key_id = coalesce(s.key_id, p.key_id) and p.since < s.until and p.until > s.since
  where p.account_id = any (:ids)
)
select b.bill, b.segment, u.route, sum(u.requests) as requests, sum(u.units) as units, sum(u.bytes_out) as bytes_out
from used_by b
-- A look-up a key, whatever the planner knows: a loop the other way round takes minutes.
cross join lateral (
  select h.route, h.outcome, h.requests, h.units, h.bytes_out
  from usage_hourly h
  where h.key_id = b.key_id and h.hour >= b.since and h.hour < b.until
    and h.hour >= cast(:first as timestamptz) and h.hour < cast(:last as timestamptz)
  union all
  select r.route, r.outcome, -r.requests, -r.units, -r.bytes_out
  from usage_restatement r
  where r.key_id = b.key_id and r.hour >= b.since and r.hour < b.until and r.merge_no > :merge_no
  offset 0) u
where u.outcome = any (b.billable_outcomes) and is_metered(u.route)
group by b.bill, b.segment, u.route
order by b.bill, b.segment, u.route
