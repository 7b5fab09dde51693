-- What lies in the archive, what was audited, and what retention may take away.

create table archive (
  archive_id bigint generated always as identity primary key,
  planned_at timestamptz not null,
  committed_at timestamptz,
  published_at timestamptz
);
comment on table archive is
  'One run''s part of the archive. Committed: its segments are its own. Published: its files lie where readers look.';

create table archive_segment (
  archive_id bigint not null references archive on delete cascade,
  edge text collate "C" not null,
  epoch text collate "C" not null,
  stream int not null,
  number bigint not null,
  primary key (archive_id, edge, epoch, stream, number)
);
comment on table archive_segment is 'The plan, frozen before any segment is read. Goes when its segments are archived, by whomever.';

create table archive_file (
  archive_id bigint not null references archive,
  path text collate "C" not null,
  pending_path text not null,
  hour timestamptz,
  records bigint not null,
  bytes bigint not null,
  primary key (archive_id, path)
);
create index archive_file_hour on archive_file (hour);
comment on table archive_file is
  'A Parquet file below the archive''s root. Hour is null where the records'' times are none that anything is counted in.';

alter table ledger
  add column archive_id bigint references archive,
  add column deleting_at timestamptz,
  add column deleted_at timestamptz;
-- Small: what waits to be archived, and what is about to be deleted.
create index ledger_unarchived on ledger (batch_id) where verdict = 'counted' and archive_id is null;
create index ledger_deleting on ledger (deleting_at) where deleting_at is not null and deleted_at is null;
create index ledger_archive on ledger (archive_id) where deleting_at is null;
comment on column ledger.deleting_at is 'Retention decided to delete it from the landing; until deleted_at it may be there or not.';

create table hour_audit (
  hour timestamptz primary key,
  audited_at timestamptz not null,
  archive_id bigint not null,
  records bigint not null,
  differences bigint not null
);
comment on table hour_audit is 'The last audit of an hour: all of the archive up to archive_id, recounted and held against usage_hourly.';
