-- Moves stream_coverage of the batch's streams over all segments that are counted, contiguous in number and sequence, chained, and
-- of a machine that did not die. Looks behind a gap only once it is closed. The lateral parts keep their order so that each is a
-- walk along the ledger's key: joined, the whole ledger would be read. Grain: stream. Parameters: batch.
with touched as (
  select distinct edge, epoch, stream from ledger where batch_id = :batch and not imported
), place as (
  select t.edge, t.epoch, t.stream, coalesce(c.number, 0) as number, coalesce(c.last_seq, 0) as last_seq, c.sha256
  from touched t
  left join stream_coverage c using (edge, epoch, stream)
), movable as materialized (
  select p.*
  from place p
  cross join lateral (
    select * from ledger l
    where (l.edge, l.epoch, l.stream) = (p.edge, p.epoch, p.stream) and l.number > p.number
    order by l.number
    limit 1) n
  where n.number = p.number + 1 and n.verdict = 'counted' and n.loss_since is null and n.first_seq = p.last_seq + 1
    and n.previous_sha256 is not distinct from p.sha256
), followed as (
  select f.*
  from movable m
  cross join lateral (
    select b.*, bool_and(b.sound) over (order by b.number) as proven
    from (
      select l.edge, l.epoch, l.stream, l.number, l.last_seq, l.sha256, l.through_us, l.end_of_stream,
        l.verdict = 'counted' and l.loss_since is null
          and l.number = lag(l.number, 1, m.number) over stream + 1
          and l.first_seq = lag(l.last_seq, 1, m.last_seq) over stream + 1
          and l.previous_sha256 is not distinct from lag(l.sha256, 1, m.sha256) over stream as sound
      from ledger l
      where (l.edge, l.epoch, l.stream) = (m.edge, m.epoch, m.stream) and l.number > m.number
      window stream as (order by l.number)) b
    order by b.number) f
)
insert into stream_coverage (edge, epoch, stream, number, last_seq, sha256, through_us, ended)
select distinct on (edge, epoch, stream) edge, epoch, stream, number, last_seq, sha256, through_us, end_of_stream
from followed
where proven
order by edge, epoch, stream, number desc
on conflict (edge, epoch, stream) do update set
  number = excluded.number, last_seq = excluded.last_seq, sha256 = excluded.sha256, through_us = excluded.through_us,
  ended = excluded.ended
