-- Grain: a limit of a key's plan, in its present window. Parameters: key, its number; now.
select l.scope, l.time_window, l.measure, l.action, coalesce(u.used, 0) as used,
  quota_in_force(l.limit_id, case l.scope when 'key' then k.key_id end, k.account_id, :now) as quota,
  w.start as window_start, limit_window_end(l.time_window, w.start) as resets_at
from api_key k
join plan_limit l on l.plan_id = k.plan_id and l.ended_at is null
cross join lateral (select limit_window_start(l.time_window, :now) as start) w
left join limit_usage u on u.limit_id = l.limit_id and u.window_start = w.start
  and u.subject_id = case l.scope when 'key' then k.key_id else k.account_id end
where k.key_id = :key
order by l.scope desc, array_position(array['hour', 'day', 'period'], l.time_window), l.measure, l.action, l.limit_id
