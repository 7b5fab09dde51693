-- Grain: an hour in which a key was used, from the first of the period's and the last 48 hours on. Billable: what counts towards limits,
-- by the plan the key is on now; units and bytes are of billable requests. Parameters: key, its number; from_hour.
select h.hour,
  sum(h.requests)::bigint as requests,
  coalesce(sum(h.requests) filter (where h.outcome = any (p.billable_outcomes)), 0)::bigint as billable,
  coalesce(sum(h.requests) filter (where h.outcome = 'refused'), 0)::bigint as refused,
  coalesce(sum(h.units) filter (where h.outcome = any (p.billable_outcomes)), 0)::bigint as units,
  coalesce(sum(h.bytes_out) filter (where h.outcome = any (p.billable_outcomes)), 0)::bigint as bytes_out
from usage_hourly h
join api_key k using (key_id)
left join plan p using (plan_id)
where h.key_id = :key and h.hour >= :from_hour and is_metered(h.route)
group by h.hour
order by h.hour
