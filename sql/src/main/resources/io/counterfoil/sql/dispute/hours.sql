-- Grain: hour with usage of an account's keys, with all outcomes, without the edge's own routes. Parameters: as of key-spans.sql; where a
-- currency is given, only hours of keys in which such a plan was in force.
select h.hour, sum(h.requests) as requests, sum(h.units) as units, sum(h.bytes_out) as bytes_out
from usage_hourly h
join api_key k using (key_id)
where k.account_id = :account and h.key_id = coalesce(cast(:key as bigint), h.key_id)
  and h.hour >= cast(:from as timestamptz) and h.hour < cast(:to as timestamptz) and is_metered(h.route)
  and (cast(:currency as text) is null or exists (
    select from key_plan p join plan v using (plan_id)
    where p.key_id = h.key_id and p.since <= h.hour and p.until > h.hour
      and v.currency = :currency and v.period_interval = :interval and v.anchor_day = cast(:anchor as int)))
group by h.hour
order by h.hour
