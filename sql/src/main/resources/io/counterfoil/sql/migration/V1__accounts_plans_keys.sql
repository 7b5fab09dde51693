-- Who may call and how much. Everyone who changes a row that edges act on stamps it with the next control_version.

create table control_version (
  only_row boolean primary key default true check (only_row),
  v bigint not null
);
insert into control_version (v) values (1);
comment on table control_version is
  'One row. Taken (updated) after a change to keys, plans or flags and before its evaluation; its value stamps the changed rows.';

create table database_identity (
  only_row boolean primary key default true check (only_row),
  id uuid not null default gen_random_uuid()
);
insert into database_identity default values;
comment on table database_identity is
  'Key numbers mean something in one database only: a landing that one database counts is refused by any other.';

create table account (
  account_id bigint generated always as identity primary key,
  name text not null unique check (name ~ '^\S(.{0,126}\S)?$'),
  external_id text unique,
  created_at timestamptz not null
);

create table plan (
  plan_id bigint generated always as identity primary key,
  name text not null unique check (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  billable_outcomes text[] not null default '{success}',
  created_at timestamptz not null
);
comment on column plan.billable_outcomes is 'Outcomes that count towards limits and are billed.';

create table plan_limit (
  limit_id bigint generated always as identity primary key,
  plan_id bigint not null references plan,
  time_window text not null check (time_window in ('hour', 'day', 'period')),
  measure text not null check (measure in ('requests', 'units', 'bytes_out')),
  quota bigint not null check (quota >= 0),
  action text not null check (action in ('notify', 'warn', 'refuse')),
  version bigint not null
);
create index plan_limit_plan on plan_limit (plan_id);

create table api_key (
  key_id bigint generated always as identity primary key,
  account_id bigint not null references account,
  plan_id bigint references plan,
  label text not null unique check (label ~ '^[!-~]([ -~]{0,126}[!-~])?$'),
  label_sha256 bytea not null unique check (length(label_sha256) = 32),
  external_id text,
  sha256 bytea unique check (length(sha256) = 32),
  created_at timestamptz not null,
  disabled_at timestamptz,
  version bigint not null
);
create index api_key_account on api_key (account_id);
create index api_key_plan on api_key (plan_id);
create index api_key_version on api_key (version);
comment on column api_key.label is 'Public: what reports show. Never the key.';
comment on column api_key.label_sha256 is
  'Labels are looked up by it: what an import looks up may be a key''s text, which must not stand in a statement either.';
comment on column api_key.sha256 is
  'SHA-256 of the key''s text; the text itself is stored nowhere. Null where a key is only known by its label in imported logs.';

create table edge_roster (
  edge text primary key,
  registered_at timestamptz not null,
  retired_at timestamptz
);
