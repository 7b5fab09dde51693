-- As usage.sql, of what was counted up to a control_version: usage_hourly less what merges added later to hours that were billed.
-- Parameters: as there; merge_no, the control_version.
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
cross join lateral (
  select h.route, h.outcome, h.requests, h.units, h.bytes_out
  from usage_hourly h
  where h.key_id = p.key_id and h.hour >= greatest(p.since, s.since) and h.hour < least(p.until, s.until)
    and h.hour >= cast(:first as timestamptz) and h.hour < cast(:last as timestamptz)
  union all
  select r.route, r.outcome, -r.requests, -r.units, -r.bytes_out
  from usage_restatement r
  where r.key_id = p.key_id and r.hour >= greatest(p.since, s.since) and r.hour < least(p.until, s.until)
    and r.merge_no > :merge_no) u
where p.account_id = any (:ids) and u.outcome = any (v.billable_outcomes) and is_metered(u.route)
group by s.bill, s.segment, u.route
order by s.bill, s.segment, u.route
