-- Second part of a statement whose first gives changed(limit_id, subject_id, window_start, resets_at, used, applies). Raises, brings up to date and
-- lifts flags, and notes thresholds that were crossed: of several at once the highest, which tells of the others. Windows that have passed
-- get neither.
-- Parameters: version, now, as_of. Gives the number of flags that changed.
, owned as materialized (
  select c.*, l.plan_id, l.scope, l.time_window, l.measure, l.action, l.quota as planned, coalesce(k.account_id, c.subject_id) as account_id
  from changed c
  join plan_limit l using (limit_id)
  left join api_key k on l.scope = 'key' and k.key_id = c.subject_id
  where c.resets_at > :now
), in_force as materialized (
  select * from limit_override where ended_at is null and (until is null or until > :now)
), fitting as (
  -- Each way for itself: by an equality each.
  select w.limit_id, w.subject_id, o.override_id, o.key_id is null as of_account, o.quota
  from owned w
  join in_force o on o.key_id = w.subject_id and w.scope = 'key' and o.time_window = w.time_window and o.measure = w.measure
    and coalesce(o.action, w.action) = w.action
  union all
  select w.limit_id, w.subject_id, o.override_id, o.key_id is null, o.quota
  from owned w
  join in_force o on o.account_id = w.account_id and o.time_window = w.time_window and o.measure = w.measure
    and coalesce(o.action, w.action) = w.action
), overridden as (
  select distinct on (limit_id, subject_id) limit_id, subject_id, quota
  from fitting
  order by limit_id, subject_id, of_account, override_id desc
), judged as materialized (
  select w.limit_id, w.subject_id, w.window_start, w.used, w.applies, w.action, w.account_id, w.plan_id, w.resets_at,
    coalesce(o.quota, w.planned) as quota
  from owned w
  left join overridden o using (limit_id, subject_id)
), noted as (
  insert into notice (account_id, limit_id, subject_id, window_start, threshold, quota, used, as_of, resets_at, raised_at)
  select j.account_id, j.limit_id, j.subject_id, j.window_start, t.threshold, j.quota, j.used, :as_of, j.resets_at, :now
  from judged j
  join account a using (account_id)
  join plan p using (plan_id)
  cross join lateral (
    select max(threshold) as threshold
    from unnest(coalesce(a.notice_thresholds, p.notice_thresholds)) as crossed (threshold)
    where j.used::numeric * 100 >= j.quota::numeric * threshold) t
  where j.applies and t.threshold is not null
    -- Asked of each by its key, whatever the planner would rather do: notices stay for ever.
    and t.threshold > coalesce((
      select max(n.threshold)
      from notice n
      where (n.limit_id, n.subject_id, n.window_start, n.quota) = (j.limit_id, j.subject_id, j.window_start, j.quota)), 0)
  order by 2, 3, 4, 5
  on conflict (limit_id, subject_id, window_start, threshold, quota) do nothing
), flagged as (
  insert into flag as f (limit_id, subject_id, window_start, resets_at, action, quota, used, over, lifted, as_of, raised_at, version)
  select j.limit_id, j.subject_id, j.window_start, j.resets_at, j.action, j.quota, j.used, j.used >= j.quota,
    not j.applies or j.used::numeric * 2 < j.quota, :as_of, :now, :version
  from judged j
  where (j.applies and j.used::numeric * 2 >= j.quota)
    or exists (
      select from flag e
      where (e.limit_id, e.subject_id, e.window_start) = (j.limit_id, j.subject_id, j.window_start) and not e.lifted)
  order by 1, 2, 3
  on conflict (limit_id, subject_id, window_start) do update set
    quota = excluded.quota, used = excluded.used, over = excluded.over, lifted = excluded.lifted, as_of = greatest(f.as_of, excluded.as_of),
    -- Over another, lower quota it is over anew.
    raised_at = case when excluded.over and (f.lifted or not f.over or excluded.quota < f.quota) then excluded.raised_at
      else f.raised_at end,
    version = excluded.version
    where (f.quota, f.used, f.over, f.lifted) is distinct from (excluded.quota, excluded.used, excluded.over, excluded.lifted)
  returning 1
)
select count(*) from flagged
