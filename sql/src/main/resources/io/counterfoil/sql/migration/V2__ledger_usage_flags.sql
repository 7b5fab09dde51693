-- What was counted, from which segments, and what follows from it.

create table batch (
  batch_id bigint generated always as identity primary key,
  planned_at timestamptz not null,
  committed_at timestamptz
);

create table batch_segment (
  batch_id bigint not null references batch on delete cascade,
  edge text collate "C" not null,
  epoch text collate "C" not null,
  stream int not null,
  number bigint not null,
  primary key (batch_id, edge, epoch, stream, number)
);
comment on table batch_segment is 'The plan: which segments a batch counts, frozen before any is read.';

create table batch_attempt (
  batch_id bigint not null references batch on delete cascade,
  part int not null,
  attempt bigint not null,
  usage_rows bigint not null,
  segment_rows bigint not null,
  reject_rows bigint not null,
  requests bigint not null,
  primary key (batch_id, part)
);
comment on table batch_attempt is
  'The one task attempt of each partition whose staged rows count, with what it says it staged. Written in the merge''s transaction.';

-- Staging: rows of any task attempt, also of those that died or were overtaken. Unlogged: after a crash the batch is planned anew.
create unlogged table staged_usage (
  batch_id bigint not null,
  part int not null,
  attempt bigint not null,
  hour timestamptz not null,
  key_id bigint not null,
  route text collate "C" not null,
  outcome text collate "C" not null,
  requests bigint not null,
  units bigint not null,
  bytes_in bigint not null,
  bytes_out bigint not null,
  duration_us bigint not null
);
create index staged_usage_batch on staged_usage (batch_id);

create unlogged table staged_segment (
  batch_id bigint not null,
  part int not null,
  attempt bigint not null,
  edge text collate "C" not null,
  epoch text collate "C" not null,
  stream int not null,
  number bigint not null,
  verdict text not null,
  reason text,
  first_seq bigint not null,
  last_seq bigint not null,
  counted bigint not null,
  rejected bigint not null,
  first_ts_us bigint not null,
  last_ts_us bigint not null,
  through_us bigint not null,
  end_of_stream boolean not null,
  sha256 text not null
);
create index staged_segment_batch on staged_segment (batch_id);

create unlogged table staged_reject (
  batch_id bigint not null,
  part int not null,
  attempt bigint not null,
  edge text collate "C" not null,
  epoch text collate "C" not null,
  stream int not null,
  number bigint not null,
  file text not null,
  line bigint not null,
  byte_position bigint not null,
  bytes bigint not null,
  reason text not null
);
create index staged_reject_batch on staged_reject (batch_id);

create table ledger (
  edge text collate "C" not null,
  epoch text collate "C" not null,
  stream int not null,
  number bigint not null,
  batch_id bigint not null references batch,
  verdict text not null check (verdict in ('counted', 'quarantined')),
  reason text,
  first_seq bigint not null,
  last_seq bigint not null,
  counted bigint not null check (counted >= 0),
  rejected bigint not null check (rejected >= 0),
  first_ts_us bigint not null,
  last_ts_us bigint not null,
  through_us bigint not null,
  end_of_stream boolean not null,
  sha256 text not null,
  primary key (edge, epoch, stream, number),
  check ((verdict = 'quarantined') = (reason is not null))
);
create index ledger_batch on ledger (batch_id);
-- For rollup/overlapping-ranges.sql: no sequence number is counted twice.
create index ledger_first_seq on ledger (edge, epoch, stream, first_seq)
  where verdict = 'counted' and last_seq >= first_seq;
comment on table ledger is 'One row a segment that was looked at, for ever: whoever inserts it counts the segment, nobody else can.';

create table stream_mark (
  edge text collate "C" not null,
  epoch text collate "C" not null,
  stream int not null,
  number bigint not null,
  last_seq bigint not null,
  through_us bigint not null,
  ended boolean not null,
  primary key (edge, epoch, stream)
);
comment on table stream_mark is 'How far a stream''s segments are in the ledger without a gap; discovery looks only behind it.';

create table usage_hourly (
  hour timestamptz not null,
  key_id bigint not null,
  route text collate "C" not null,
  outcome text collate "C" not null
    check (outcome in ('success', 'client_error', 'server_error', 'refused', 'unauthorized')),
  requests bigint not null,
  units bigint not null,
  bytes_in bigint not null,
  bytes_out bigint not null,
  duration_us bigint not null,
  primary key (hour, key_id, route, outcome)
) partition by range (hour);
comment on table usage_hourly is 'Grain: UTC hour in which the request ended, key (0 = no valid key), route, outcome.';

create function create_usage_partition(month timestamptz) returns void language plpgsql as $$
declare
  first_day date := date_trunc('month', month at time zone 'UTC');
  next_month date := first_day + interval '1 month';
  name text := 'usage_hourly_' || to_char(first_day, 'YYYYMM');
begin
  if to_regclass(name) is not null then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtext('create_usage_partition'));
  -- Room on each page keeps the hourly upserts on it (HOT).
  execute format(
    'create table if not exists %I partition of usage_hourly for values from (%L) to (%L) with (fillfactor = 80)',
    name, first_day || ' 00:00:00+00', next_month || ' 00:00:00+00');
end $$;

create table reject (
  edge text collate "C" not null,
  epoch text collate "C" not null,
  stream int not null,
  number bigint not null,
  byte_position bigint not null,
  batch_id bigint not null references batch,
  file text not null,
  line bigint not null,
  bytes bigint not null,
  reason text not null,
  primary key (edge, epoch, stream, number, byte_position)
);
comment on table reject is
  'A line that is no request: which file, line and byte of it, and why. Its text is not kept: it may hold a key.';

create function limit_window_start(time_window text, at timestamptz) returns timestamptz
  language sql stable as $$
  select date_trunc(case time_window when 'period' then 'month' else time_window end, at, 'UTC')
$$;

create function limit_window_end(time_window text, window_start timestamptz) returns timestamptz
  language sql stable as $$
  select (window_start at time zone 'UTC'
    + case time_window when 'hour' then interval '1 hour' when 'day' then interval '1 day' else interval '1 month' end)
    at time zone 'UTC'
$$;

create table limit_usage (
  limit_id bigint not null references plan_limit,
  key_id bigint not null references api_key,
  window_start timestamptz not null,
  used bigint not null,
  primary key (limit_id, key_id, window_start)
) with (fillfactor = 80);

create table flag (
  limit_id bigint not null references plan_limit,
  key_id bigint not null references api_key,
  window_start timestamptz not null,
  resets_at timestamptz not null,
  action text not null,
  quota bigint not null,
  used bigint not null,
  as_of timestamptz not null,
  raised_at timestamptz not null,
  lifted boolean not null default false,
  version bigint not null,
  primary key (limit_id, key_id, window_start)
);
create index flag_version on flag (version);
comment on table flag is 'A key over one of its limits, until resets_at. Lifted rows stay: an edge must learn of them too.';
