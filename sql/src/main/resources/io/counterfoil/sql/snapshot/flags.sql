-- Grain: one flag stamped after a version, of a window that ended at most a day ago. Parameters: since, now.
-- The day is for edges whose clock is ahead: they must have the flag once the clock is mended, and drop it by themselves at its end.
select f.limit_id, f.subject_id, f.quota, f.used, f.over, f.window_start, f.as_of, f.resets_at, f.lifted
from flag f
where f.version > :since and f.resets_at > :now::timestamptz - interval '1 day'
order by f.limit_id, f.subject_id, f.window_start
