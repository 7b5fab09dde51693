-- Adds what counts under each key's plan to its limits' windows. Parameters: batch.
insert into limit_usage (limit_id, key_id, window_start, used)
select l.limit_id, s.key_id, limit_window_start(l.time_window, s.hour),
  sum(case l.measure when 'requests' then s.requests when 'units' then s.units else s.bytes_out end)::bigint
from accepted_usage s
join api_key k on k.key_id = s.key_id
join plan p on p.plan_id = k.plan_id
join plan_limit l on l.plan_id = p.plan_id
where s.batch_id = :batch and s.outcome = any (p.billable_outcomes)
group by 1, 2, 3
order by 1, 2, 3
on conflict (limit_id, key_id, window_start) do update set used = limit_usage.used + excluded.used
