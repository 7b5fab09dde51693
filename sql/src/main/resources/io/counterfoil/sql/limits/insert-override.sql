-- Gives the override's number. Version 0: stamped by the same transaction.
insert into limit_override (key_id, account_id, time_window, measure, action, quota, until, actor, reason, created_at, version)
values (:key, :account, :window, :measure, :action, :quota, :until, :actor, :reason, :now, 0)
returning override_id
