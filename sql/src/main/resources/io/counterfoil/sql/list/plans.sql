-- Plans' versions with their limits. Grain: limit of a version (one without: a row of dashes). 'currency': '-' where it bills nothing.
-- 'keys': how many are on the version now.
-- Quota: requests, units or bytes, by the measure.
-- Call: psql -f plans.sql
select
  p.name as plan,
  p.version::bigint as version,
  coalesce(p.currency, '-') as currency,
  coalesce(l.scope, '-') as per,
  coalesce(l.time_window, '-') as time_window,
  coalesce(l.measure, '-') as measure,
  coalesce(l.quota::text, '-') as quota,
  coalesce(l.action, '-') as over,
  (select count(*) from api_key k where k.plan_id = p.plan_id) as keys
from plan p
left join plan_limit l on l.plan_id = p.plan_id and l.ended_at is null
order by p.name collate "C", p.version, l.scope, l.time_window collate "C", l.measure, l.action, l.quota;
