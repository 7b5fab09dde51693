-- A batch's plan holds the seals themselves; the ledger keeps of them what completeness, archive and audit ask.

delete from staged_usage;
delete from staged_segment;
delete from staged_reject;
delete from batch where committed_at is null;
delete from batch_segment;

alter table batch_segment add column seal jsonb not null;
comment on table batch_segment is
  'The plan: which seals a batch counts, frozen before any segment is read. Goes when the batch is in the ledger.';

alter table staged_segment
  drop column first_seq, drop column last_seq, drop column first_ts_us, drop column last_ts_us, drop column through_us,
  drop column end_of_stream, drop column sha256;

alter table batch_attempt
  add column units bigint not null default 0,
  add column bytes_in bigint not null default 0,
  add column bytes_out bigint not null default 0,
  add column duration_us bigint not null default 0;

-- Of rows that were there before, these are unknown.
alter table ledger
  add column streams int,
  add column served bigint,
  add column unlogged bigint,
  add column bytes bigint,
  add column previous_sha256 text,
  add column predecessor jsonb,
  add column loss_since timestamptz,
  add column imported boolean;
comment on column ledger.streams is 'How many streams the epoch has.';
comment on column ledger.unlogged is 'Requests served without a record, for whatever reason.';
comment on column ledger.predecessor is 'The epoch before this one, {"epoch": …, "last_seqs": [by stream]}; null: unknown.';
comment on column ledger.loss_since is 'The machine died: what was served after this may have no record. Null: it did not.';
comment on column ledger.imported is 'Of a log that is not ours; its edge is the source''s name.';
