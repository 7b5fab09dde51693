-- First part of a statement, behind it evaluate.sql. Sums anew, from usage_hourly, what counts in windows that have not passed: of the
-- limits of plans, of keys and of accounts whose plan, limits or overrides changed; also of limits that no longer apply to them.
-- After control_version was taken. Parameters: plans, keys, accounts (numbers), now.
with pair as (
  select l.limit_id, k.key_id as subject_id
  from plan_limit l join api_key k on k.plan_id = l.plan_id
  where l.scope = 'key' and l.ended_at is null and (l.plan_id = any (:plans) or k.key_id = any (:keys))
  union
  select l.limit_id, k.account_id
  from plan_limit l join api_key k on k.plan_id = l.plan_id
  where l.scope = 'account' and l.ended_at is null and (l.plan_id = any (:plans) or k.account_id = any (:accounts))
  union
  select u.limit_id, u.subject_id
  from limit_usage u join plan_limit l using (limit_id)
  where (l.plan_id = any (:plans)
      or (l.scope = 'key' and u.subject_id = any (:keys))
      or (l.scope = 'account' and u.subject_id = any (:accounts)))
    and limit_window_end(l.time_window, u.window_start) > :now
), source as (
  select pair.limit_id, pair.subject_id, l.time_window, l.measure, k.key_id, p.billable_outcomes
  from pair
  join plan_limit l using (limit_id)
  join plan p using (plan_id)
  join api_key k on k.plan_id = l.plan_id and l.ended_at is null
    and case l.scope when 'key' then k.key_id else k.account_id end = pair.subject_id
), counted as (
  select s.limit_id, s.subject_id, limit_window_start(s.time_window, h.hour) as window_start,
    case s.measure when 'requests' then h.requests when 'units' then h.units else h.bytes_out end as used
  from source s
  join usage_hourly h on h.key_id = s.key_id and h.hour >= limit_window_start(s.time_window, :now)
    and h.outcome = any (s.billable_outcomes)
  union all
  select limit_id, subject_id, u.window_start, 0
  from pair join limit_usage u using (limit_id, subject_id) join plan_limit l using (limit_id)
  where limit_window_end(l.time_window, u.window_start) > :now
), summed as (
  insert into limit_usage as u (limit_id, subject_id, window_start, used)
  select limit_id, subject_id, window_start, sum(used)::bigint
  from counted
  group by 1, 2, 3
  order by 1, 2, 3
  on conflict (limit_id, subject_id, window_start) do update set used = excluded.used
  returning u.limit_id, u.subject_id, u.window_start, u.used
), changed as (
  select s.*, (s.limit_id, s.subject_id) in (select limit_id, subject_id from source) as applies
  from summed s
)
