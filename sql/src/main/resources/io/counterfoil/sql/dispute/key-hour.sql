-- Grain: route and outcome of a key's hour, without the edge's own routes. Counted is what usage_hourly holds now; later what of it was
-- added after an invoice. Parameters: key; hour; merge_no, the invoice's control_version.
select u.route, u.outcome, sum(u.requests) as requests, sum(u.units) as units, sum(u.bytes_out) as bytes_out,
  sum(u.later_requests) as later_requests, sum(u.later_units) as later_units, sum(u.later_bytes_out) as later_bytes_out
from (
  select route, outcome, requests, units, bytes_out, 0 as later_requests, 0 as later_units, 0 as later_bytes_out
  from usage_hourly
  where key_id = :key and hour = cast(:hour as timestamptz)
  union all
  select route, outcome, 0, 0, 0, requests, units, bytes_out
  from usage_restatement
  where key_id = :key and hour = cast(:hour as timestamptz) and merge_no > :merge_no) u
where is_metered(u.route)
group by u.route, u.outcome
order by u.route, u.outcome
