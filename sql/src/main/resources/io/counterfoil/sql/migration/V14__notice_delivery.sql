-- Where notices go: webhooks and e-mail, each delivery with its attempts.

alter table notice
  add column notice_id bigint generated always as identity,
  add column fanned_at timestamptz;
-- Nobody was there to be told of these.
update notice set fanned_at = raised_at;
alter table notice add constraint notice_number unique (notice_id);
create index notice_to_fan on notice (notice_id) where fanned_at is null;
comment on column notice.fanned_at is 'When it became a delivery for each target that its account had: once.';

alter table account
  add column notice_email text check (notice_email ~ '^[!-~]{1,64}@[!-~]{1,255}$'),
  add column notice_email_since timestamptz,
  add check (num_nulls(notice_email, notice_email_since) in (0, 2));
comment on column account.notice_email_since is 'Notices that were raised before are not sent there.';

create table webhook_endpoint (
  endpoint_id bigint generated always as identity primary key,
  account_id bigint not null references account,
  url text not null check (length(url) <= 2000),
  salt uuid not null default gen_random_uuid(),
  key_id text not null,
  generation int not null default 1 check (generation >= 1),
  former_until timestamptz,
  since timestamptz not null,
  created_at timestamptz not null,
  decided_by text not null check (decided_by <> ''),
  disabled_at timestamptz,
  disabled_reason text,
  check (num_nulls(disabled_at, disabled_reason) in (0, 2))
);
create index webhook_endpoint_account on webhook_endpoint (account_id);
comment on table webhook_endpoint is
  'An account''s receiver of notices. Its signing secret is derived of a key outside of the database, the salt and the generation.';
comment on column webhook_endpoint.salt is 'The same number in another database, under the same key, has another secret.';
comment on column webhook_endpoint.key_id is 'Names, and does not give away, the key that the secret is derived of.';
comment on column webhook_endpoint.former_until is 'Until then the former generation signs too.';
comment on column webhook_endpoint.since is 'Notices that were raised before are not sent there.';

create table notice_delivery (
  delivery_id bigint generated always as identity primary key,
  notice_id bigint not null references notice (notice_id),
  endpoint_id bigint references webhook_endpoint,
  email text,
  message_id text not null unique default 'msg_' || replace(gen_random_uuid()::text, '-', ''),
  created_at timestamptz not null,
  attempts int not null default 0,
  next_attempt_at timestamptz not null,
  claimed_until timestamptz,
  delivered_at timestamptz,
  dead_at timestamptz,
  last_status int,
  last_error text,
  check (num_nonnulls(endpoint_id, email) = 1),
  check (num_nonnulls(delivered_at, dead_at) < 2),
  unique (notice_id, endpoint_id),
  unique (notice_id, email)
);
create index notice_delivery_due on notice_delivery (next_attempt_at, delivery_id) where delivered_at is null and dead_at is null;
create index notice_delivery_endpoint on notice_delivery (endpoint_id) where delivered_at is null and dead_at is null;
create index notice_delivery_dead on notice_delivery (delivery_id) where dead_at is not null;
comment on table notice_delivery is
  'A notice and a target. Whoever sends it claims it first; a claim that ran out is free again, so a message may arrive twice, each time
with this message_id.';
