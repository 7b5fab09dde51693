-- Moves an epoch's streams to their last segment in the ledger, over everything that is missing or wrong before it. Parameters:
-- edge, epoch.
insert into stream_coverage (edge, epoch, stream, number, last_seq, sha256, through_us, ended)
select distinct on (l.edge, l.epoch, l.stream) l.edge, l.epoch, l.stream, l.number, l.last_seq, l.sha256,
  coalesce(max(l.through_us) filter (where l.verdict = 'counted') over (partition by l.edge, l.epoch, l.stream), 0), l.end_of_stream
from ledger l
where l.edge = :edge and l.epoch = :epoch
order by l.edge, l.epoch, l.stream, l.number desc
on conflict (edge, epoch, stream) do update set
  number = excluded.number, last_seq = excluded.last_seq, sha256 = excluded.sha256, through_us = excluded.through_us,
  ended = excluded.ended
  where stream_coverage.number < excluded.number
