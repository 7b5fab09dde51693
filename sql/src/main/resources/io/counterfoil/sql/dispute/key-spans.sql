-- Grain: an account's key and the hours in which a version of a plan was in force for it, in a time. Parameters: account; key, its number, or
-- null for all; from, to (exclusive); interval, anchor and currency of the plans, or null for any.
select p.key_id, k.label, p.plan_id, p.own, greatest(p.since, cast(:from as timestamptz)) as since,
  least(p.until, cast(:to as timestamptz)) as until
from key_plan p
join api_key k using (key_id)
join plan v on v.plan_id = p.plan_id
where p.account_id = :account and p.key_id = coalesce(cast(:key as bigint), p.key_id)
  and p.since < cast(:to as timestamptz) and p.until > cast(:from as timestamptz)
  and (cast(:currency as text) is null
    or (v.currency = :currency and v.period_interval = :interval and v.anchor_day = cast(:anchor as int)))
order by p.key_id, p.since
