-- Grain: version of a plan. used: a subscription names it, so that it is never changed. keys: on it now.
select p.plan_id, p.name, p.version, p.definition::text as definition,
  exists (select from subscription s where s.plan_id = p.plan_id) as used,
  (select count(*) from api_key k where k.plan_id = p.plan_id) as keys
from plan p
order by p.name collate "C", p.version
