-- Raises the flags of the keys that the batch touched, in windows that have not passed; brings raised ones up to date. After
-- control_version was taken, in a statement of its own. Parameters: batch, version, now, as_of.
insert into flag (limit_id, key_id, window_start, resets_at, action, quota, used, as_of, raised_at, version)
select l.limit_id, u.key_id, u.window_start, limit_window_end(l.time_window, u.window_start), l.action, l.quota, u.used,
  :as_of, :now, :version
from (
  select distinct l.limit_id, s.key_id, limit_window_start(l.time_window, s.hour) as window_start
  from accepted_usage s
  join api_key k on k.key_id = s.key_id
  join plan_limit l on l.plan_id = k.plan_id
  where s.batch_id = :batch
) touched
join limit_usage u using (limit_id, key_id, window_start)
join plan_limit l using (limit_id)
where u.used >= l.quota and limit_window_end(l.time_window, u.window_start) > :now
order by 1, 2, 3
on conflict (limit_id, key_id, window_start) do update set
  used = excluded.used, quota = excluded.quota, as_of = excluded.as_of, lifted = false, version = excluded.version
  where flag.used <> excluded.used or flag.quota <> excluded.quota or flag.lifted
