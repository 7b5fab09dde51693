-- Grain: one flag stamped after a version, of a window that has not ended. Parameters: since, now.
select f.limit_id, f.key_id, l.quota || '/' || l.time_window as limit_text, f.action, f.quota, f.used, f.window_start, f.as_of,
  f.resets_at, f.lifted
from flag f
join plan_limit l using (limit_id)
where f.version > :since and f.resets_at > :now
order by f.limit_id, f.key_id, f.window_start
