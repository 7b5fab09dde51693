-- Grain: a subject that went over a limit with a version. Parameters: version, now.
select coalesce(k.label, 'account ' || a.name) as subject, f.quota, l.time_window, l.measure, l.action, l.scope, f.used, f.resets_at
from flag f
join plan_limit l using (limit_id)
left join api_key k on l.scope = 'key' and k.key_id = f.subject_id
left join account a on l.scope = 'account' and a.account_id = f.subject_id
where f.version = :version and f.over and not f.lifted and f.raised_at = :now
order by 1, 3, 4, 2
