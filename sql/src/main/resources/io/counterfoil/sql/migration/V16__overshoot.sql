-- What passed between a limit's use and its flag, found in the log.

create table limit_crossing (
  limit_id bigint not null,
  subject_id bigint not null,
  window_start timestamptz not null,
  quota bigint not null,
  crossed_at timestamptz,
  sealed_at timestamptz,
  counted_at timestamptz,
  fault text,
  told_at timestamptz not null,
  primary key (limit_id, subject_id, window_start, quota),
  check ((crossed_at is null) = (fault is not null))
);
create index limit_crossing_window on limit_crossing (window_start);
comment on table limit_crossing is
  'A limit that warns or refuses was used up: by which record of the log (its time), up to when that record''s segment goes, when its
batch''s merge began; or why it cannot be told.';

create table overshoot (
  limit_id bigint not null,
  subject_id bigint not null,
  window_start timestamptz not null,
  quota bigint not null,
  edge text not null,
  key_id bigint not null,
  hour timestamptz not null,
  passed bigint not null,
  held_at timestamptz,
  primary key (limit_id, subject_id, window_start, quota, edge, key_id, hour),
  foreign key (limit_id, subject_id, window_start, quota) references limit_crossing on delete cascade
);
comment on table overshoot is
  'Of a crossing, edge, key and hour: how many requests passed after it and before the key''s first refusal or warning there; and the
edge''s first of a key that was not held before (held_at; null: none came).';
