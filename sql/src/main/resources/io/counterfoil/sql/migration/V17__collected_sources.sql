-- Records that other edges post in batches: which batches came, how sure a source's log is, and what its platform counted itself.

alter table source
  add column grade text not null default 'best-effort' check (grade in ('best-effort', 'gap-detectable')),
  add column held bigint not null default 0,
  add column skew_us bigint not null default 0,
  add column skewed_at timestamptz;
comment on column source.grade is
  'best-effort: what it lost does not show. gap-detectable: its batches are numbered, a lost one between others shows.';
comment on column source.held is 'Records that its collector has taken and that wait there for their key to be known.';
comment on column source.skew_us is 'How far a sender''s clock was ahead of its collector''s, in the last batch of the rollup; behind: negative.';
comment on column source.skewed_at is 'When it was last more than a minute.';

create table source_instance (
  source text collate "C" not null,
  instance text collate "C" not null,
  batches int8multirange not null,
  missing bigint not null check (missing >= 0),
  missing_since timestamptz check ((missing_since is null) = (missing = 0)),
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (source, instance)
);
create index source_instance_missing on source_instance (source, last_at) where missing > 0;
comment on table source_instance is
  'Who numbers batches of a source (an isolate, a process), which of them were counted, and how many below the last one were not.';

create function missing_batches(batches int8multirange) returns bigint language sql immutable as $$
  select upper(batches) - 1 - (select sum(upper(run) - lower(run))::bigint from unnest(batches) run)
$$;
comment on function missing_batches is 'How many numbers from 1 to the last are not in it.';

create table source_hour (
  source text collate "C" not null,
  hour timestamptz not null,
  requests bigint not null,
  primary key (source, hour)
);
create index source_hour_hour on source_hour (hour);
comment on table source_hour is 'Counted requests of each source by hour. Of what was counted before this table was, nothing.';

create table control_total (
  control_total_id bigint generated always as identity primary key,
  source text collate "C" not null,
  hour timestamptz not null check (hour = date_trunc('hour', hour, 'UTC')),
  requests bigint not null check (requests >= 0),
  estimate boolean not null,
  entered_at timestamptz not null,
  actor text not null check (actor <> ''),
  reason text not null check (reason <> '')
);
create index control_total_source on control_total (source, hour, control_total_id desc);
comment on table control_total is 'What a source''s platform says it served in an hour. Rows stay; the newest of an hour holds.';
comment on column control_total.estimate is 'The platform samples, or rounds: a difference proves nothing.';

alter table staged_segment add column hours jsonb;
comment on column staged_segment.hours is 'Of a source''s segment: [[hour, requests counted in it], …], hours in Unix seconds.';
create or replace view accepted_segment as
  select a.batch_id, s.edge, s.epoch, s.stream, s.number, s.verdict, s.reason, s.counted, s.rejected, s.hours
  from batch_attempt a
  cross join lateral (
    select * from staged_segment s where (s.batch_id, s.part, s.attempt) = (a.batch_id, a.part, a.attempt) offset 0) s;

alter table ledger add column collected boolean not null default false;
comment on column ledger.collected is 'Imported, but posted to a collector: no file tells what was read, so that its seal need not stay.';

-- An import's reject has its place in the foreign file, a rollup's in the segment: the same number may be both.
alter table reject drop constraint reject_pkey, add primary key (edge, epoch, stream, number, byte_position, file);

-- Grain: a thing about a source that somebody should look at; 'kind' stays the same as long as it lasts. A missing batch counts as one
-- after two minutes: batches may overtake each other. Gaps are told for a day: they may be filled, or stay.
create function source_faults(at timestamptz)
  returns table (source text, kind text, fault text, since timestamptz, mend text) language sql stable as $$
  select i.source, 'batches of it did not come',
    sum(i.missing) || ' of ' || count(*) || case count(*) when 1 then ' instance' else ' instances' end
      || ', what was in them is not counted',
    min(i.missing_since), 'see whether its sender still has them (a queue retries); else compare with the platform''s own count: '
      || 'counterfoil control-total ' || i.source
  from source_instance i
  where i.missing > 0 and i.missing_since < at - interval '2 minutes' and i.last_at > at - interval '1 day'
  group by i.source
  union all
  select s.source, 'a sender''s clock is off',
    'by ' || abs(s.skew_us) / 1000000 || ' s, it is ' || case when s.skew_us > 0 then 'ahead' else 'behind' end
      || '; its requests count in the hours that it says',
    s.skewed_at, 'set the clock of ' || s.source || ' or of its collector right'
  from source s
  where abs(s.skew_us) > 60000000 and s.skewed_at > at - interval '1 day'
$$;
