-- Second verdicts: on a quarantined segment of which another copy came, and on rejects whose reason has passed.

create table repair (
  repair_id bigint generated always as identity primary key,
  kind text not null check (kind in ('segment', 'rejects')),
  edge text collate "C" not null,
  epoch text collate "C" not null,
  stream int not null,
  number bigint not null,
  copy int check ((copy is not null) = (kind = 'segment')),
  seal text not null,
  before text not null,
  asked_at timestamptz not null,
  actor text not null check (actor <> ''),
  why text not null check (why <> ''),
  batch_id bigint references batch,
  judged_at timestamptz,
  counted bigint,
  fault text,
  foreign key (edge, epoch, stream, number) references ledger,
  check ((batch_id is null) = (judged_at is null) and (batch_id is null) = (counted is null))
);
-- One at a time of a segment: the verdict on it is the ledger's next one.
create unique index repair_open on repair (edge, epoch, stream, number) where batch_id is null;
create index repair_segment on repair (edge, epoch, stream, number);
create index repair_batch on repair (batch_id);
comment on table repair is
  'Grain: a second look that a person asked for. Open until a batch judges it, in the merge''s transaction, once. Rows stay.';
comment on column repair.copy is 'Under which number the copy lies in the landing''s repair/. Null: of rejects, the data is as it was.';
comment on column repair.before is 'Why it was quarantined, or how many rejects it had.';
comment on column repair.counted is 'Records that it added.';
comment on column repair.fault is 'Why it added nothing: the segment stays as it was. Null: it was counted.';

alter table batch_segment add column repair_id bigint references repair;
comment on column batch_segment.repair_id is 'Which second look it is; null: the first.';
