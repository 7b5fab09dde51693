-- Money: plans in versions, subscriptions by the hour, final invoices, and what is counted after them.

-- A row of plan is one version: keys, limits and what counts hang on it as before.
alter table plan
  drop constraint plan_name_key,
  add column version int not null default 1 check (version >= 1),
  add column definition jsonb,
  add column period_interval text not null default 'monthly' check (period_interval in ('monthly', 'quarterly', 'yearly')),
  add column anchor_day int not null default 1 check (anchor_day between 1 and 31),
  add column currency text check (currency ~ '^[A-Z]{3}$'),
  add column notice_thresholds int[] not null default '{80,100}'
    check (cardinality(notice_thresholds) between 1 and 10 and 1 <= all (notice_thresholds) and 1000 >= all (notice_thresholds)),
  add unique (name, version),
  add check (num_nulls(definition, currency) in (0, 2));
comment on table plan is 'Grain: version of a plan. Once a subscription named it, what it says is never changed.';
comment on column plan.definition is
  'All that the catalogue''s file says of the version, its rate card too. Null where it was made without one: it bills nothing.';
comment on column plan.notice_thresholds is 'Percent of a quota at which accounts are told that set none of their own.';

alter table account
  alter column notice_thresholds drop not null,
  alter column notice_thresholds drop default,
  add column legal_name text,
  add column address text,
  add column tax_id text,
  add column billing_email text,
  add column time_zone text not null default 'UTC',
  add column tax_name text,
  add column tax_percent numeric(7, 4) check (tax_percent between 0 and 100),
  add check (num_nulls(tax_name, tax_percent) in (0, 2));
update account set notice_thresholds = null where notice_thresholds = '{80,100}';
comment on column account.notice_thresholds is 'Percent of a quota; each is told once a window. Null: as the plan says.';
comment on column account.time_zone is 'In which its billing periods begin; with offsets of whole hours.';

create table seller (
  only_row boolean primary key default true check (only_row),
  name text not null check (name <> ''),
  address text,
  tax_id text,
  email text,
  updated_at timestamptz not null
);
comment on table seller is 'Who sells: what invoices show. A final invoice keeps what it was then.';

alter table api_key add unique (key_id, account_id);

create table subscription (
  subscription_id bigint generated always as identity primary key,
  account_id bigint not null references account,
  key_id bigint,
  since timestamptz not null check (extract(epoch from since)::bigint % 3600 = 0 and extract(microsecond from since) = 0),
  plan_id bigint references plan,
  actor text not null check (actor <> ''),
  reason text not null check (reason <> ''),
  created_at timestamptz not null,
  replaced_at timestamptz,
  in_effect boolean not null default false,
  foreign key (key_id, account_id) references api_key (key_id, account_id)
);
create unique index subscription_account on subscription (account_id, since) where key_id is null and replaced_at is null;
create unique index subscription_key on subscription (key_id, since) where key_id is not null and replaced_at is null;
create index subscription_of_account on subscription (account_id);
create index subscription_plan on subscription (plan_id);
create index subscription_due on subscription (since) where not in_effect and replaced_at is null;
comment on table subscription is
  'Grain: a change, to the hour. From since on, until the next one of the same account (key_id null) or key, that version of a plan is in
force; null: none, for a key its account''s again. Rows stay; one that another of the same hour takes the place of has replaced_at.';
comment on column subscription.in_effect is 'That api_key.plan_id, by which limits go, follows it: since has come.';
comment on column api_key.plan_id is 'The version of a plan in force now, by subscription: what limits go by. Bills go by subscription itself.';

insert into subscription (account_id, key_id, since, plan_id, actor, reason, created_at, in_effect)
select account_id, key_id, date_trunc('hour', created_at, 'UTC'), plan_id, 'counterfoil', 'the plan that the key was on before subscriptions',
  now(), true
from api_key
where plan_id is not null
order by key_id;

create view subscription_span as
select account_id, key_id, plan_id, since, lead(since, 1, 'infinity') over (partition by account_id, key_id order by since) as until
from subscription
where replaced_at is null;
comment on view subscription_span is 'Grain: subscription in force, from since to until (exclusive). plan_id null: none.';

create view key_plan as
select key_id, account_id, true as own, plan_id, since as subscribed, since, until
from subscription_span
where key_id is not null and plan_id is not null
union all
select k.key_id, k.account_id, false, a.plan_id, a.since, greatest(a.since, g.since), least(a.until, g.until)
from api_key k
join subscription_span a on a.account_id = k.account_id and a.key_id is null and a.plan_id is not null
cross join lateral (
  select timestamptz '-infinity' as since, coalesce(min(s.since), 'infinity') as until
  from subscription s
  where s.key_id = k.key_id and s.replaced_at is null
  union all
  select o.since, o.until
  from subscription_span o
  where o.account_id = k.account_id and o.key_id = k.key_id and o.plan_id is null) g
where g.since < a.until and a.since < g.until;
comment on view key_plan is
  'Grain: key and the hours, from since to until (exclusive), in which a version of a plan is in force for it: by a subscription of its
own, else by its account''s, which began at subscribed. Hours without a row: none is.';

create function plan_at(a_key bigint, its_account bigint, hour timestamptz) returns bigint
  language sql stable parallel safe as $$
  select coalesce((
    select s.plan_id from subscription s
    where s.key_id = a_key and s.replaced_at is null and s.since <= hour
    order by s.since desc limit 1), (
    select s.plan_id from subscription s
    where s.account_id = its_account and s.key_id is null and s.replaced_at is null and s.since <= hour
    order by s.since desc limit 1))
$$;
comment on function plan_at is
  'As key_plan says of one hour, by two look-ups: for many rows of few keys, whatever the planner knows. Null: no plan is in force.';

create function route_matches(route text, only_routes text[], except_routes text[]) returns boolean
  language sql immutable parallel safe as $$
  select (cardinality(only_routes) = 0 or exists (
      select from unnest(only_routes) r where r = route or (right(r, 1) = '*' and starts_with(route, left(r, -1)))))
    and not exists (
      select from unnest(except_routes) r where r = route or (right(r, 1) = '*' and starts_with(route, left(r, -1))))
$$;
comment on function route_matches is 'Whether a charge counts that route: a pattern is a name, or the beginning of names and *.';

create table invoice (
  number bigint primary key check (number >= 1),
  kind text not null check (kind in ('invoice', 'adjustment', 'credit')),
  account_id bigint not null references account,
  period_interval text not null check (period_interval in ('monthly', 'quarterly', 'yearly')),
  anchor_day int not null check (anchor_day between 1 and 31),
  period_from timestamptz not null,
  period_to timestamptz not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  net numeric not null,
  tax numeric not null,
  total numeric not null,
  lines int not null check (lines >= 0),
  merge_no bigint not null,
  finalised_at timestamptz not null,
  actor text,
  reason text,
  incomplete_hours int not null default 0 check (incomplete_hours >= 0),
  credits bigint references invoice (number),
  seller jsonb not null,
  buyer jsonb not null,
  made_in xid8 not null default pg_current_xact_id(),
  check (period_to > period_from),
  check (net + tax = total),
  check (num_nulls(actor, reason) in (0, 2)),
  check (incomplete_hours = 0 or actor is not null),
  check ((kind = 'credit') = (credits is not null)),
  check (kind <> 'credit' or actor is not null)
);
create unique index invoice_once on invoice (account_id, period_interval, anchor_day, currency, period_from) where kind = 'invoice';
create index invoice_account on invoice (account_id, period_to);
create index invoice_credits on invoice (credits) where credits is not null;
comment on table invoice is
  'Final invoices and credits; inserted, never changed. Numbers have no gaps: they are given under control_version.';
comment on column invoice.kind is
  'adjustment: only mends what earlier ones billed, where nothing else is billed in its period. It bills no hours: they stay open.';
comment on column invoice.merge_no is
  'control_version as it was finalised. What merges add later to its hours is in usage_restatement with a higher one.';
comment on column invoice.period_to is 'Exclusive. All of the period, also where a plan was in force in a part of it only.';
comment on column invoice.incomplete_hours is 'Hours of the period whose log was not proven whole: actor says to bill what is.';
comment on column invoice.buyer is 'The account as it was: name, external_id, legal_name, address, tax_id, billing_email, time_zone.';

-- number and plan_id without foreign keys, which would look up each of a month's lines by itself: the trigger below sees that a line comes
-- with its invoice, which stays, and a subscription names the plan.
create table invoice_line (
  number bigint not null,
  line int not null check (line >= 1),
  kind text not null check (kind in ('charge', 'discount', 'minimum', 'adjustment', 'credit', 'tax')),
  name text not null,
  plan_id bigint,
  key_id bigint,
  since timestamptz,
  until timestamptz,
  measure text check (measure in ('requests', 'units', 'bytes_out')),
  quantity numeric,
  adjusts bigint references invoice (number),
  detail jsonb not null default '{}',
  amount numeric not null,
  primary key (number, line),
  check (num_nulls(since, until) in (0, 2)),
  check (num_nulls(measure, quantity) in (0, 2)),
  check ((kind = 'adjustment') = (adjusts is not null))
);
create index invoice_line_adjusts on invoice_line (adjusts) where adjusts is not null;
create index invoice_line_plan on invoice_line (plan_id);
comment on column invoice_line.key_id is 'Of a key''s own subscription; null: of the account''s.';
comment on column invoice_line.since is 'Hours that it bills, to until (exclusive): of an adjustment, the period that it mends.';
comment on column invoice_line.adjusts is 'The invoice of the period that was rated anew; never one that adjusts or credits.';
comment on column invoice_line.quantity is 'Of the measure, billable, in those hours: requests, units or bytes; exact.';
comment on column invoice_line.detail is 'How the amount came about: per, included, routes, tiers with their parts, exact amount; of an adjustment, the hours.';

create function refuse_change() returns trigger language plpgsql as $$
declare
  nothing boolean;
begin
  -- Statements are refused whatever rows they would touch; to empty what is empty changes nothing.
  execute format('select not exists (select from %I.%I)', tg_table_schema, tg_table_name) into nothing;
  if nothing then
    return null;
  end if;
  raise exception 'a final invoice is never changed: % of % is refused', lower(tg_op), tg_table_name
    using errcode = 'restrict_violation', hint = 'To take an amount back: counterfoil invoice credit NUMBER --reason WHY';
end $$;
create trigger invoice_final before update or delete or truncate on invoice for each statement execute function refuse_change();
create trigger invoice_line_final before update or delete or truncate on invoice_line for each statement execute function refuse_change();

create function refuse_later_lines() returns trigger language plpgsql as $$
begin
  if exists (select from added a left join invoice i using (number) where i.made_in is distinct from pg_current_xact_id()) then
    raise exception 'a final invoice is never changed: a line is refused that does not come with it'
      using errcode = 'restrict_violation', hint = 'What is owed beyond it goes on the next invoice.';
  end if;
  return null;
end $$;
create trigger invoice_line_with_invoice after insert on invoice_line referencing new table as added
  for each statement execute function refuse_later_lines();

create table invoice_hold (
  hold_id bigint generated always as identity primary key,
  account_id bigint not null references account,
  placed_at timestamptz not null,
  actor text not null check (actor <> ''),
  reason text not null check (reason <> ''),
  released_at timestamptz,
  released_by text,
  release_reason text,
  check (num_nulls(released_at, released_by, release_reason) in (0, 3))
);
create unique index invoice_hold_open on invoice_hold (account_id) where released_at is null;
comment on table invoice_hold is 'Accounts whose invoices are not finalised until somebody releases them. Rows stay.';

create table usage_restatement (
  batch_id bigint not null,
  hour timestamptz not null,
  key_id bigint not null,
  route text collate "C" not null,
  outcome text collate "C" not null,
  requests bigint not null,
  units bigint not null,
  bytes_in bigint not null,
  bytes_out bigint not null,
  duration_us bigint not null,
  merge_no bigint not null,
  primary key (key_id, hour, route, outcome, batch_id)
);
create index usage_restatement_merge on usage_restatement (merge_no);
comment on table usage_restatement is
  'What a merge added to hours that a final invoice had billed, written with it: usage_hourly less those after an invoice''s merge_no is
what that invoice saw.';

create table stripe_batch (
  batch bigint generated always as identity primary key,
  made_at timestamptz not null,
  since timestamptz not null,
  until timestamptz not null,
  events int not null,
  written_at timestamptz
);
comment on table stripe_batch is 'Events that were fixed together to be sent; their file can be written again. written_at: null until the file and its
manifest are on disk; as long as it is, nothing else is fixed.';

create table stripe_sent (
  batch bigint not null references stripe_batch,
  account_id bigint not null references account,
  event_name text collate "C" not null,
  hour timestamptz not null,
  value bigint not null check (value > 0),
  identifier text collate "C" not null unique,
  customer text not null,
  primary key (account_id, event_name, hour, batch)
);
create index stripe_sent_batch on stripe_sent (batch);
comment on table stripe_sent is 'Usage that was handed over as a meter event: what is sent next is what exceeds it.';

create function refuse_used_plan() returns trigger language plpgsql as $$
begin
  if exists (select from subscription s where s.plan_id = old.plan_id) then
    raise exception 'version % of plan % is in use: it is never changed', old.version, old.name
      using errcode = 'restrict_violation', hint = 'A change is the next version.';
  end if;
  return new;
end $$;
create trigger plan_in_use before update of name, version, definition, period_interval, anchor_day, currency, billable_outcomes on plan
  for each row when ((old.name, old.version, old.definition, old.period_interval, old.anchor_day, old.currency, old.billable_outcomes)
    is distinct from (new.name, new.version, new.definition, new.period_interval, new.anchor_day, new.currency, new.billable_outcomes))
  execute function refuse_used_plan();

-- Whatever search_path a session has: another schema's empty tables would let everything pass.
do $$
declare
  guard text;
begin
  foreach guard in array array['refuse_change', 'refuse_later_lines', 'refuse_used_plan'] loop
    execute format('alter function %I() set search_path = %I, pg_temp', guard, current_schema());
  end loop;
end $$;
