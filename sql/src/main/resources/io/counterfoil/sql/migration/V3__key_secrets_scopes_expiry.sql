-- A key may have several secrets (rotation), an end, and scopes.

create function are_scopes(names text[]) returns boolean language sql immutable as $$
  select cardinality(names) <= 32
    and coalesce((select bool_and(name is not null and name ~ '^[a-z0-9][a-z0-9._:-]{0,63}$') from unnest(names) name), true)
$$;

alter table api_key
  add column scopes text[] not null default '{}' check (are_scopes(scopes)),
  add column expires_at timestamptz check (expires_at > '1990-01-01 00:00:00+00' and expires_at < '3000-01-01 00:00:00+00');
comment on column api_key.scopes is 'What routes that ask for a scope want to see; a key without any may call only routes that ask for none.';
comment on column api_key.expires_at is 'From here on none of the key''s secrets is valid; edges see to it by their own clocks.';

create table api_key_secret (
  sha256 bytea primary key check (length(sha256) = 32),
  key_id bigint not null references api_key,
  created_at timestamptz not null,
  expires_at timestamptz check (expires_at > '1990-01-01 00:00:00+00' and expires_at < '3000-01-01 00:00:00+00')
);
create index api_key_secret_key on api_key_secret (key_id);
comment on table api_key_secret is
  'SHA-256 of a key''s text; the text itself is stored nowhere. Never deleted: edges must learn that one ended, and old logs are
resolved by it. A change here is stamped on the key (api_key.version). A key without rows is only known by its label, in imported logs.';

insert into api_key_secret (sha256, key_id, created_at)
select sha256, key_id, created_at from api_key where sha256 is not null;

alter table api_key drop column sha256;
