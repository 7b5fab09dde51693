-- Second part of a statement whose first gives changed(limit_id, subject_id, window_start, resets_at, used, applies). Raises, brings up to date and
-- lifts flags, and notes thresholds that were crossed. Windows that have passed get neither.
-- Parameters: version, now, as_of. Gives the number of flags that changed.
, judged as materialized (
  select c.limit_id, c.subject_id, c.window_start, c.used, c.applies, l.action, owner.account_id,
    c.resets_at, coalesce(o.quota, l.quota) as quota
  from changed c
  join plan_limit l using (limit_id)
  cross join lateral (
    select case l.scope when 'account' then c.subject_id
      else (select k.account_id from api_key k where k.key_id = c.subject_id) end as account_id) owner
  left join lateral (
    select o.quota
    from limit_override o
    where o.ended_at is null and (o.until is null or o.until > :now)
      and o.time_window = l.time_window and o.measure = l.measure and coalesce(o.action, l.action) = l.action
      and (o.account_id = owner.account_id or (l.scope = 'key' and o.key_id = c.subject_id))
    order by o.key_id is null, o.override_id desc
    limit 1) o on true
  where c.resets_at > :now
), noted as (
  insert into notice (account_id, limit_id, subject_id, window_start, threshold, quota, used, as_of, resets_at, raised_at)
  select j.account_id, j.limit_id, j.subject_id, j.window_start, t.threshold, j.quota, j.used, :as_of, j.resets_at, :now
  from judged j
  join account a using (account_id)
  cross join lateral unnest(a.notice_thresholds) as t (threshold)
  where j.applies and j.used::numeric * 100 >= j.quota::numeric * t.threshold
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
    raised_at = case when excluded.over and (f.lifted or not f.over) then excluded.raised_at else f.raised_at end,
    version = excluded.version
    where (f.quota, f.used, f.over, f.lifted) is distinct from (excluded.quota, excluded.used, excluded.over, excluded.lifted)
  returning 1
)
select count(*) from flagged
