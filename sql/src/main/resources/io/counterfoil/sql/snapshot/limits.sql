-- Grain: one limit of a plan, stamped after a version; after version 0 only those in force, else also what ended. Parameter: since.
select limit_id, plan_id, scope, time_window, measure, quota, action, ended_at is not null as ended
from plan_limit
where version > :since and (:since > 0 or ended_at is null)
order by limit_id
