-- Grain: one override, stamped after a version; after version 0 only those in force, else also what ended. Parameter: since.
select override_id, coalesce(key_id, 0) as key_id, coalesce(account_id, 0) as account_id, time_window, measure,
  coalesce(action, '') as action, quota, until, ended_at is not null as ended
from limit_override
where version > :since and (:since > 0 or ended_at is null)
order by override_id
