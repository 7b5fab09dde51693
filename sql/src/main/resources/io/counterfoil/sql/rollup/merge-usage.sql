-- Adds the batch to usage_hourly, in key order so that two merges cannot wait for each other. Parameters: batch.
insert into usage_hourly (hour, key_id, route, outcome, requests, units, bytes_in, bytes_out, duration_us)
select s.hour, s.key_id, s.route, s.outcome, sum(s.requests)::bigint, sum(s.units)::bigint, sum(s.bytes_in)::bigint,
  sum(s.bytes_out)::bigint, sum(s.duration_us)::bigint
from accepted_usage s
where s.batch_id = :batch
group by s.hour, s.key_id, s.route, s.outcome
order by s.hour, s.key_id, s.route, s.outcome
on conflict (hour, key_id, route, outcome) do update set
  requests = usage_hourly.requests + excluded.requests,
  units = usage_hourly.units + excluded.units,
  bytes_in = usage_hourly.bytes_in + excluded.bytes_in,
  bytes_out = usage_hourly.bytes_out + excluded.bytes_out,
  duration_us = usage_hourly.duration_us + excluded.duration_us
