-- Moves the marks of the batch's streams to the end of their contiguous segments. Parameters: batch.
with touched as (
  select distinct edge, epoch, stream from ledger where batch_id = :batch
), behind as (
  select l.edge, l.epoch, l.stream, l.number, l.last_seq, l.through_us, l.end_of_stream,
    l.number - coalesce(m.number, 0)
      - row_number() over (partition by l.edge, l.epoch, l.stream order by l.number) as missing
  from touched
  join ledger l using (edge, epoch, stream)
  left join stream_mark m using (edge, epoch, stream)
  where l.number > coalesce(m.number, 0)
)
insert into stream_mark (edge, epoch, stream, number, last_seq, through_us, ended)
select distinct on (edge, epoch, stream) edge, epoch, stream, number, last_seq, through_us, end_of_stream
from behind
where missing = 0
order by edge, epoch, stream, number desc
on conflict (edge, epoch, stream) do update set
  number = excluded.number, last_seq = excluded.last_seq, through_us = excluded.through_us, ended = excluded.ended
