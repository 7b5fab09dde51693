-- The ledger of what is gone from the landing, a row a run of segments: one row a segment for ever is 60 million a year of an edge.

create table ledger_run (
  edge text collate "C" not null,
  epoch text collate "C" not null,
  stream int not null,
  first_number bigint not null,
  last_number bigint not null check (last_number >= first_number),
  first_seq bigint not null,
  last_seq bigint not null check (last_seq >= first_seq - 1),
  counted bigint not null,
  served bigint,
  unlogged bigint,
  primary key (edge, epoch, stream, first_number)
);
comment on table ledger_run is
  'Grain: a run of counted segments, contiguous in number and sequence, that are archived, audited and gone from the landing. They
stay counted: a plan that names one of them is made anew, a segment that holds one of their records is quarantined.';
comment on column ledger_run.unlogged is 'As in the ledger, of all of them; null where it is of none known.';

comment on table ledger is
  'One row a segment that was looked at, until ledger_run takes it: whoever inserts it counts the segment, nobody else can.';

-- What may be folded, and what refers to a batch that goes with its last segment.
create index ledger_deleted on ledger (edge, epoch, stream, number) where deleted_at is not null;
create index reject_batch on reject (batch_id);

create function fold_ledger(most int) returns int language plpgsql as $$
declare
  segments int;
  batches bigint[];
begin
  with gone as (
    delete from ledger l
    using (
      select l.edge, l.epoch, l.stream, l.number
      from ledger l
      join stream_mark m using (edge, epoch, stream)
      left join stream_coverage c using (edge, epoch, stream)
      where l.deleted_at is not null and l.verdict = 'counted' and l.rejected = 0 and l.number <= m.number
        and (coalesce(l.imported, true) or l.number <= c.number)
        and not exists (
          select from repair r where (r.edge, r.epoch, r.stream, r.number) = (l.edge, l.epoch, l.stream, l.number))
      order by l.edge, l.epoch, l.stream, l.number
      limit most) old
    where (l.edge, l.epoch, l.stream, l.number) = (old.edge, old.epoch, old.stream, old.number)
    returning l.*
  ), earlier as (
    delete from ledger_run r
    using (select distinct edge, epoch, stream from gone) s
    where (r.edge, r.epoch, r.stream) = (s.edge, s.epoch, s.stream)
    returning r.*
  ), pieces as (
    select edge, epoch, stream, number as first_number, number as last_number, first_seq, last_seq, counted, served, unlogged
    from gone
    union all
    select edge, epoch, stream, first_number, last_number, first_seq, last_seq, counted, served, unlogged from earlier
  ), begun as (
    select p.*,
      (lag(last_number) over stream + 1 = first_number and lag(last_seq) over stream + 1 = first_seq) is not true as begins
    from pieces p
    window stream as (partition by edge, epoch, stream order by first_number)
  ), numbered as (
    select b.*, count(*) filter (where begins) over (partition by edge, epoch, stream order by first_number) as run
    from begun b
  ), folded as (
    insert into ledger_run (edge, epoch, stream, first_number, last_number, first_seq, last_seq, counted, served, unlogged)
    select edge, epoch, stream, min(first_number), max(last_number), min(first_seq), max(last_seq), sum(counted), sum(served),
      sum(unlogged)
    from numbered
    group by edge, epoch, stream, run
  )
  select count(*), coalesce(array_agg(distinct batch_id), '{}') into segments, batches from gone;
  delete from batch b
    where b.batch_id = any (batches) and b.committed_at is not null
      and not exists (select from ledger l where l.batch_id = b.batch_id)
      and not exists (select from reject j where j.batch_id = b.batch_id)
      and not exists (select from repair r where r.batch_id = b.batch_id);
  return segments;
end $$;
comment on function fold_ledger is
  'Folds at most so many rows of the ledger into runs, and takes away batches nothing of which is left; returns how many rows. Of
segments that are gone from the landing and that nothing asks for any more: marks and coverage are past them, they have no rejects and
no second looks. A merge that runs meanwhile finds a segment either in the ledger or in a run. It runs as the tables'' owner: nobody
else takes rows from the ledger.';
do $$
begin
  execute format('alter function fold_ledger(int) security definer set search_path = %I, pg_temp', current_schema());
end $$;
revoke execute on function fold_ledger(int) from public;
