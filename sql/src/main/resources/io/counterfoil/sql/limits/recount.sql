-- First part of a statement, behind it evaluate.sql. Sums anew, from usage_hourly, what counts in windows that have not passed: of limits
-- that are new or ended, and of all limits of keys and of accounts whose plan or overrides changed; also of limits that no longer apply to
-- them. After control_version was taken. Parameters: limits, keys, accounts (numbers), now.
with pair as (
  -- Each way for itself: by an index each.
  select l.limit_id, k.key_id as subject_id
  from api_key k join plan_limit l using (plan_id)
  where k.key_id = any (:keys) and l.scope = 'key' and l.ended_at is null
  union
  select l.limit_id, k.account_id
  from api_key k join plan_limit l using (plan_id)
  where k.account_id = any (:accounts) and l.scope = 'account' and l.ended_at is null
  union
  select l.limit_id, case l.scope when 'key' then k.key_id else k.account_id end
  from plan_limit l join api_key k using (plan_id)
  where l.limit_id = any (:limits) and l.ended_at is null
  union
  select u.limit_id, u.subject_id
  from plan_limit l join limit_usage u on u.limit_id = l.limit_id and u.subject_id = any (:keys)
  where l.scope = 'key' and u.resets_at > :now
  union
  select u.limit_id, u.subject_id
  from plan_limit l join limit_usage u on u.limit_id = l.limit_id and u.subject_id = any (:accounts)
  where l.scope = 'account' and u.resets_at > :now
  union
  select limit_id, subject_id from limit_usage where limit_id = any (:limits) and resets_at > :now
), source as (
  -- Each scope for itself, so that keys are looked up by what they are looked for.
  select pair.limit_id, pair.subject_id, l.time_window, l.measure, k.key_id, p.billable_outcomes
  from pair
  join plan_limit l on l.limit_id = pair.limit_id and l.scope = 'key' and l.ended_at is null
  join plan p using (plan_id)
  join api_key k on k.key_id = pair.subject_id and k.plan_id = l.plan_id
  union all
  select pair.limit_id, pair.subject_id, l.time_window, l.measure, k.key_id, p.billable_outcomes
  from pair
  join plan_limit l on l.limit_id = pair.limit_id and l.scope = 'account' and l.ended_at is null
  join plan p using (plan_id)
  join api_key k on k.account_id = pair.subject_id and k.plan_id = l.plan_id
), counted as (
  select s.limit_id, s.subject_id, limit_window_start(s.time_window, h.hour) as window_start,
    case s.measure when 'requests' then h.requests when 'units' then h.units else h.bytes_out end as used
  from source s
  join usage_hourly h on h.key_id = s.key_id and h.hour >= limit_window_start(s.time_window, :now)
    and h.outcome = any (s.billable_outcomes) and is_metered(h.route)
  union all
  select limit_id, subject_id, u.window_start, 0
  from pair join limit_usage u using (limit_id, subject_id)
  where u.resets_at > :now
), summed as (
  insert into limit_usage as u (limit_id, subject_id, window_start, resets_at, used)
  select limit_id, subject_id, window_start, limit_window_end(l.time_window, window_start), sum(used)::bigint
  from counted join plan_limit l using (limit_id)
  group by 1, 2, 3, 4
  order by 1, 2, 3
  on conflict (limit_id, subject_id, window_start) do update set used = excluded.used
  returning u.limit_id, u.subject_id, u.window_start, u.resets_at, u.used
), changed as (
  select s.*, (s.limit_id, s.subject_id) in (select limit_id, subject_id from source) as applies
  from summed s
)
