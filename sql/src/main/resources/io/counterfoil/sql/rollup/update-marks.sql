-- Moves the marks of the batch's streams to the end of their contiguous segments. The lateral parts keep their order so that each is
-- a walk along the ledger's key, begun only where the next segment is there: joined, the whole ledger would be read. Parameters: batch.
with touched as (
  select distinct edge, epoch, stream from ledger where batch_id = :batch
), movable as materialized (
  select t.*, coalesce(m.number, 0) as number
  from touched t
  left join stream_mark m using (edge, epoch, stream)
  where exists (
    select from ledger l
    where (l.edge, l.epoch, l.stream, l.number) = (t.edge, t.epoch, t.stream, coalesce(m.number, 0) + 1))
), behind as (
  select f.*
  from movable m
  cross join lateral (
    select l.edge, l.epoch, l.stream, l.number, l.last_seq, l.through_us, l.end_of_stream,
      l.number - m.number - row_number() over (order by l.number) as missing
    from ledger l
    where (l.edge, l.epoch, l.stream) = (m.edge, m.epoch, m.stream) and l.number > m.number
    order by l.number) f
)
insert into stream_mark (edge, epoch, stream, number, last_seq, through_us, ended)
select distinct on (edge, epoch, stream) edge, epoch, stream, number, last_seq, through_us, end_of_stream
from behind
where missing = 0
order by edge, epoch, stream, number desc
on conflict (edge, epoch, stream) do update set
  number = excluded.number, last_seq = excluded.last_seq, through_us = excluded.through_us, ended = excluded.ended
