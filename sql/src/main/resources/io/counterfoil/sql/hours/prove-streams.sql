-- Moves stream_coverage of the batch's streams over all segments that are counted, contiguous in number and sequence, chained, and
-- of a machine that did not die. Looks behind a gap only once it is closed. Grain: stream. Parameters: batch.
with touched as (
  select distinct edge, epoch, stream from ledger where batch_id = :batch and not imported
), place as (
  select t.edge, t.epoch, t.stream, coalesce(c.number, 0) as number, coalesce(c.last_seq, 0) as last_seq, c.sha256
  from touched t
  left join stream_coverage c using (edge, epoch, stream)
), movable as (
  select p.*
  from place p
  join ledger n on (n.edge, n.epoch, n.stream, n.number) = (p.edge, p.epoch, p.stream, p.number + 1)
  where n.verdict = 'counted' and n.loss_since is null and n.first_seq = p.last_seq + 1
    and n.previous_sha256 is not distinct from p.sha256
), behind as (
  select l.edge, l.epoch, l.stream, l.number, l.last_seq, l.sha256, l.through_us, l.end_of_stream,
    l.verdict = 'counted' and l.loss_since is null
      and l.number = lag(l.number, 1, m.number) over stream + 1
      and l.first_seq = lag(l.last_seq, 1, m.last_seq) over stream + 1
      and l.previous_sha256 is not distinct from lag(l.sha256, 1, m.sha256) over stream as sound
  from movable m
  join ledger l using (edge, epoch, stream)
  where l.number > m.number
  window stream as (partition by l.edge, l.epoch, l.stream order by l.number)
), followed as (
  select *, bool_and(sound) over (partition by edge, epoch, stream order by number) as proven from behind
)
insert into stream_coverage (edge, epoch, stream, number, last_seq, sha256, through_us, ended)
select distinct on (edge, epoch, stream) edge, epoch, stream, number, last_seq, sha256, through_us, end_of_stream
from followed
where proven
order by edge, epoch, stream, number desc
on conflict (edge, epoch, stream) do update set
  number = excluded.number, last_seq = excluded.last_seq, sha256 = excluded.sha256, through_us = excluded.through_us,
  ended = excluded.ended
