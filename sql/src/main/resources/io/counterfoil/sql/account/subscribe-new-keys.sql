-- Grain: key that this transaction created (version 0) with a plan: its own subscription, from the hour on, or from where its account's last
-- final invoice ends, where the clock is behind. Its limits hold at once. After control_version was taken, in a statement of its own: who
-- finalises takes it too. Parameters: now.
insert into subscription (account_id, key_id, since, plan_id, actor, reason, created_at, in_effect)
select k.account_id, k.key_id, greatest(date_trunc('hour', :now::timestamptz, 'UTC'), billed.until), k.plan_id, 'counterfoil',
  'the key was created on that plan', :now, true
from api_key k
left join lateral (
  select max(i.period_to) as until from invoice i where i.account_id = k.account_id and i.kind = 'invoice') billed on true
where k.version = 0 and k.plan_id is not null
order by k.key_id
