-- Grain: one flag stamped after a version. Flags whose window ended over a day ago are nothing to any edge: it drops them at
-- resets_at by itself, and no two clocks are a day apart. Parameters: since.
select f.limit_id, f.key_id, l.quota || '/' || l.time_window as limit_text, f.action, f.quota, f.used, f.window_start, f.as_of,
  f.resets_at, f.lifted
from flag f
join plan_limit l using (limit_id)
where f.version > :since and f.resets_at > now() - interval '1 day'
order by f.limit_id, f.key_id, f.window_start
