-- Grain: one segment of the batch that holds a source's batch which another segment holds too, counted before or in this batch with
-- an earlier name; none is expected: a collector takes each once, but one whose folder was lost, or a second one of the same source,
-- does not know what was taken. To be asked under control_version. Parameters: batch.
with posted as materialized (
  select l.edge, l.epoch, l.stream, l.number, b.instance, int8range(b.first, b.last + 1) as run
  from ledger l
  join batch_segment s using (batch_id, edge, epoch, stream, number)
  cross join lateral jsonb_to_recordset(s.seal->'source'->'collected'->'batches') b (instance text, first bigint, last bigint)
  where l.batch_id = :batch and l.verdict = 'counted'
)
select p.edge, p.epoch, p.stream, p.number
from posted p
join source_instance i on (i.source, i.instance) = (p.edge, p.instance) and i.batches && p.run
union
select p.edge, p.epoch, p.stream, p.number
from posted p
join posted q on (q.edge, q.instance) = (p.edge, p.instance) and q.run && p.run
  and (q.epoch, q.stream, q.number) < (p.epoch, p.stream, p.number)
