-- First part of a statement, behind it evaluate.sql. Adds what the batch counts, under each key's plan, to the limits' windows that have
-- not passed. After control_version was taken: plans stay as they are. Parameters: batch, now.
with counted as (
  select s.hour, s.key_id, s.outcome, sum(s.requests) as requests, sum(s.units) as units, sum(s.bytes_out) as bytes_out
  from accepted_usage s
  where s.batch_id = :batch and is_metered(s.route)
  group by 1, 2, 3
), limit_window as materialized (
  select hour, name, start, limit_window_end(name, start) as resets_at
  from (
    select hour, name, limit_window_start(name, hour) as start
    from (select distinct hour from counted) hours cross join (values ('hour'), ('day'), ('period')) windows (name)) started
), changed as (
  insert into limit_usage as u (limit_id, subject_id, window_start, resets_at, used)
  select l.limit_id, case l.scope when 'key' then k.key_id else k.account_id end, w.start, w.resets_at,
    sum(case l.measure when 'requests' then s.requests when 'units' then s.units else s.bytes_out end)::bigint
  from counted s
  join api_key k on k.key_id = s.key_id
  join plan p on p.plan_id = k.plan_id
  join plan_limit l on l.plan_id = p.plan_id and l.ended_at is null
  join limit_window w on w.hour = s.hour and w.name = l.time_window
  where s.outcome = any (p.billable_outcomes) and w.resets_at > :now
  group by 1, 2, 3, 4
  order by 1, 2, 3
  on conflict (limit_id, subject_id, window_start) do update set used = u.used + excluded.used
  returning u.limit_id, u.subject_id, u.window_start, u.resets_at, u.used, true as applies
)
