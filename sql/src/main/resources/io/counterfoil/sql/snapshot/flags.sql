-- Grain: one flag stamped after a version, of a window that ended at most a day ago. Parameters: since, now.
-- The day is for edges whose clock is ahead: they must have the flag once the clock is mended, and drop it by themselves at its end.
select f.limit_id, f.key_id, l.quota || '/' || l.time_window as limit_text, f.action, f.quota, f.used, f.window_start, f.as_of,
  f.resets_at, f.lifted
from flag f
join plan_limit l using (limit_id)
where f.version > :since and f.resets_at > :now::timestamptz - interval '1 day'
order by f.limit_id, f.key_id, f.window_start
