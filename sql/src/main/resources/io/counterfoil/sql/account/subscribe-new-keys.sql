-- Grain: key that this transaction created (version 0) with a plan: its own subscription, from the hour on. Parameters: now.
insert into subscription (account_id, key_id, since, plan_id, actor, reason, created_at, in_effect)
select account_id, key_id, date_trunc('hour', :now::timestamptz, 'UTC'), plan_id, 'counterfoil', 'the key was created on that plan', :now, true
from api_key
where version = 0 and plan_id is not null
order by key_id
