-- Forgets what was used of limits, and flags, in windows that ended more than two days before: an edge drops a flag at its end by itself,
-- and is told of one that ended a day ago at most. A part of them at a time. Parameters: now, at_most.
with usage as (
  delete from limit_usage where (limit_id, subject_id, window_start) in (
    select limit_id, subject_id, window_start from limit_usage
    where resets_at < :now::timestamptz - interval '2 days' order by resets_at limit :at_most for update skip locked)
  returning 1
), flags as (
  delete from flag where (limit_id, subject_id, window_start) in (
    select limit_id, subject_id, window_start from flag
    where resets_at < :now::timestamptz - interval '2 days' order by resets_at limit :at_most for update skip locked)
  returning 1
)
select (select count(*) from usage) + (select count(*) from flags)
