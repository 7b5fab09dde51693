-- Grain: a limit that warns or refuses, was used up, and of which it is not told yet how. In which hour (null: by what is counted now, in
-- none), how much was used in its window before that hour and in it, whose keys count towards it, and whether a batch's usage raised its
-- flag (else somebody changed its quota, plan or keys). Those whose hour, and the time in which edges come to hold the flag, ended before.
-- Parameters: before; at_most.
with raised as (
  select f.limit_id, f.subject_id, f.window_start, f.resets_at, f.quota, f.raised_at,
    exists (select from batch b where b.committed_at = f.raised_at)
      -- A merge also finds that an override's time has come, and evaluates what follows.
      and not exists (
        select from limit_override o
        where o.ended_at > f.window_start and o.ended_at <= f.raised_at
          and (o.account_id = case l.scope when 'account' then f.subject_id
              else (select k.account_id from api_key k where k.key_id = f.subject_id) end
            or (l.scope = 'key' and o.key_id = f.subject_id))) as counted, l.plan_id, l.scope, l.measure, l.action,
    p.billable_outcomes
  from flag f
  join plan_limit l using (limit_id)
  join plan p using (plan_id)
  where f.over and l.action in ('warn', 'refuse') and f.raised_at < :before
    and not exists (
      select from limit_crossing c
      where (c.limit_id, c.subject_id, c.window_start, c.quota) = (f.limit_id, f.subject_id, f.window_start, f.quota))
  order by f.raised_at
  limit :at_most
), counting as (
  select r.*, k.key_id
  from raised r
  join api_key k on k.key_id = r.subject_id and k.plan_id = r.plan_id
  where r.scope = 'key'
  union all
  select r.*, k.key_id
  from raised r
  join api_key k on k.account_id = r.subject_id and k.plan_id = r.plan_id
  where r.scope = 'account'
), by_hour as (
  select c.limit_id, c.subject_id, c.window_start, c.quota, h.hour,
    sum(case c.measure when 'requests' then h.requests when 'units' then h.units else h.bytes_out end) as used
  from counting c
  join usage_hourly h on h.key_id = c.key_id and h.hour >= c.window_start and h.hour < c.resets_at
    and h.outcome = any (c.billable_outcomes) and is_metered(h.route)
  group by 1, 2, 3, 4, 5
), running as (
  select *, sum(used) over (partition by limit_id, subject_id, window_start order by hour) as until_end
  from by_hour
), crossed as (
  select distinct on (limit_id, subject_id, window_start) limit_id, subject_id, window_start, hour, used, until_end - used as before
  from running
  where until_end >= quota
  order by limit_id, subject_id, window_start, hour
)
, key_set as (
  select limit_id, subject_id, window_start, array_agg(key_id) as keys
  from counting
  group by 1, 2, 3
)
select r.limit_id, r.subject_id, r.window_start, r.resets_at, r.quota, r.raised_at, r.counted, r.measure, r.action, r.billable_outcomes,
  c.hour, c.before::bigint, c.used::bigint, coalesce(k.keys, '{}') as keys
from raised r
left join crossed c using (limit_id, subject_id, window_start)
left join key_set k using (limit_id, subject_id, window_start)
where least(r.resets_at, greatest(r.raised_at + interval '10 minutes', coalesce(c.hour + interval '1 hour', r.raised_at))) <= :before
order by c.hour, r.limit_id, r.subject_id
