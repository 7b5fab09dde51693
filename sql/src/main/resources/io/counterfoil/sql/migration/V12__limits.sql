-- Limits of keys and of accounts, overrides, notices; a flag also tells how much is left before the quota is used up.

alter table plan_limit
  add column scope text not null default 'key' check (scope in ('key', 'account')),
  add column ended_at timestamptz;
alter table plan_limit alter column scope drop default;
create unique index plan_limit_once on plan_limit (plan_id, scope, time_window, measure, action) where ended_at is null;
create index plan_limit_version on plan_limit (version);
comment on column plan_limit.scope is
  'Whose use counts: each key''s for itself, or that of all of an account''s keys on the plan together.';
comment on column plan_limit.ended_at is 'No longer the plan''s. The row stays: edges must learn of it, and notices name it.';

-- What is derived of limits by joins of them, in their own transaction, needs no constraint that asks for each row again (a third of the
-- time where 100,000 keys go over at once). Limits are never deleted.
alter table limit_usage drop constraint limit_usage_key_id_fkey, drop constraint limit_usage_limit_id_fkey;
alter table limit_usage rename column key_id to subject_id;
alter table limit_usage add column resets_at timestamptz;
update limit_usage u set resets_at = limit_window_end(l.time_window, u.window_start) from plan_limit l where l.limit_id = u.limit_id;
alter table limit_usage alter column resets_at set not null;
-- What has passed is forgotten by it.
create index limit_usage_resets on limit_usage (resets_at);
create index flag_resets on flag (resets_at);
comment on table limit_usage is
  'Of each limit, subject (a key or an account, by the limit''s scope) and window that has not passed: what counts by the plan that the
keys are on now. Kept in the merge''s transaction; what a plan''s change touches is summed anew from usage_hourly.';

alter table flag drop constraint flag_key_id_fkey, drop constraint flag_limit_id_fkey;
alter table flag rename column key_id to subject_id;
alter table flag add column over boolean not null default true;
alter table flag alter column over drop default;
comment on table flag is
  'A subject that has used at least half of a limit''s quota, until resets_at; over: all of it, and the limit''s action holds. Lifted rows
stay: an edge must learn of them too.';

create table limit_override (
  override_id bigint generated always as identity primary key,
  key_id bigint references api_key,
  account_id bigint references account,
  time_window text not null check (time_window in ('hour', 'day', 'period')),
  measure text not null check (measure in ('requests', 'units', 'bytes_out')),
  action text check (action in ('notify', 'warn', 'refuse')),
  quota bigint not null check (quota >= 0),
  until timestamptz check (until > '1990-01-01 00:00:00+00' and until < '3000-01-01 00:00:00+00'),
  actor text not null check (actor <> ''),
  reason text not null check (reason <> ''),
  created_at timestamptz not null,
  ended_at timestamptz,
  ended_by text,
  version bigint not null,
  check (num_nonnulls(key_id, account_id) = 1)
);
create index limit_override_key on limit_override (key_id) where ended_at is null;
create index limit_override_account on limit_override (account_id) where ended_at is null;
create index limit_override_until on limit_override (until) where ended_at is null;
create index limit_override_version on limit_override (version);
comment on table limit_override is
  'Another quota for a key or an account, whatever its plan, in place of that of limits of this window, measure and action (null: any). A
key''s goes before its account''s, a newer one before an older. Never edited: ended, by its time or by someone.';

alter table account add column notice_thresholds int[] not null default '{80,100}'
  check (cardinality(notice_thresholds) <= 10 and 1 <= all (notice_thresholds) and 1000 >= all (notice_thresholds));
comment on column account.notice_thresholds is 'Percent of a quota; each is told once a window.';

create table notice (
  limit_id bigint not null,
  subject_id bigint not null,
  window_start timestamptz not null,
  threshold int not null,
  account_id bigint not null,
  quota bigint not null,
  used bigint not null,
  as_of timestamptz not null,
  resets_at timestamptz not null,
  raised_at timestamptz not null,
  primary key (limit_id, subject_id, window_start, threshold, quota)
);
comment on table notice is 'The outbox: that a subject crossed a threshold of a quota of a limit in a window, once; of another quota, by an override, anew. Written with the usage that crossed it.';
