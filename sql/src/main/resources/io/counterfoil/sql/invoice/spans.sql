-- Grain: hours in which a version of a plan is in force for an account, or a key by a subscription of its own; the account's first.
-- Parameter: accounts, their numbers.
select s.account_id, s.key_id, k.label, s.plan_id, s.since, least(s.until, timestamptz '3000-01-01 00:00:00+00') as until
from subscription_span s
left join api_key k on k.key_id = s.key_id
where s.account_id = any (:accounts) and s.plan_id is not null
order by s.account_id, s.key_id nulls first, s.since
