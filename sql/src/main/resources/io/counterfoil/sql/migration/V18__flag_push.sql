-- Flags for edges that are not ours: who is over a limit, and what was pushed where.

create table flag_push (
  target text not null check (target <> ''),
  document text not null check (document <> ''),
  database_id uuid not null,
  version bigint not null,
  matter bytea not null check (length(matter) = 32),
  figures bytea not null check (length(figures) = 32),
  expires_at timestamptz,
  pushed_at timestamptz not null,
  checked_at timestamptz not null,
  primary key (target, document)
);
comment on table flag_push is
  'A document of flags that a target took last. Before it is sent its row is put in doubt, and said to be taken afterwards: whoever dies in
between leaves the doubt, and the next one sends it again, or deletes it.';
comment on column flag_push.database_id is 'Whose version it is; what another database noted, of which this is a copy, is in doubt.';
comment on column flag_push.matter is 'SHA-256 of what edges act on: keys, actions, quotas, resets; zeros where it is in doubt.';
comment on column flag_push.figures is 'SHA-256 of that and of what was used, as of when; zeros where it is in doubt.';
comment on column flag_push.expires_at is 'When the target drops it by itself, at the latest; null: never.';
comment on column flag_push.checked_at is 'When the target was last seen to have it; 1970 where it is in doubt.';

create function over_limit(at timestamptz)
  returns table (
    limit_id bigint, key_id bigint, label text, sha256 bytea, scope text, time_window text, measure text, action text,
    quota bigint, used bigint, as_of timestamptz, resets_at timestamptz)
  language sql stable as $$
  with held as (
    select f.limit_id, f.subject_id, l.plan_id, l.scope, l.time_window, l.measure, l.action, f.quota, f.used, f.as_of, f.resets_at
    from flag f
    join plan_limit l on l.limit_id = f.limit_id and l.ended_at is null and l.action in ('warn', 'refuse')
    where f.over and not f.lifted and f.window_start <= at and f.resets_at > at
  ), subject as (
    -- Each way for itself: by an equality each.
    select h.*, k.key_id
    from held h
    join api_key k on h.scope = 'key' and k.key_id = h.subject_id
    union all
    select h.*, k.key_id
    from held h
    join api_key k on h.scope = 'account' and k.account_id = h.subject_id
  )
  select u.limit_id, u.key_id, k.label, s.sha256, u.scope, u.time_window, u.measure, u.action, u.quota, u.used, u.as_of, u.resets_at
  from subject u
  join api_key k on k.key_id = u.key_id and k.plan_id = u.plan_id and k.disabled_at is null
    and (k.expires_at is null or k.expires_at > at)
  left join api_key_secret s on s.key_id = k.key_id and (s.expires_at is null or s.expires_at > at)
$$;
comment on function over_limit is
  'A flag that warns or refuses at that time, a live key of its limit''s subject, and each live secret of that (null: it has none). It runs
as the tables'' owner: whoever pushes flags sees the hashes of these keys without a right to all. Who may write flags too, as counterfoil_jobs
does, can flag any key, or ask for any time, and see its hash so.';
do $$
begin
  execute format('alter function over_limit(timestamptz) security definer set search_path = %I, pg_temp', current_schema());
end $$;
revoke execute on function over_limit(timestamptz) from public;
