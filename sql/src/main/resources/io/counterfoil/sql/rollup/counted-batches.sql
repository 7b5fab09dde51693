-- Grain: one segment of the batch that holds a source's batch which another segment holds too, counted before or in this batch; none is
-- expected: a collector takes each once, but one whose folder was lost, or a second one of the same source, does not know what was taken.
-- To be asked under control_version. Parameters: batch.
with posted as materialized (
  select l.edge, l.epoch, l.stream, l.number, b.instance, b.first, b.last
  from ledger l
  join batch_segment s using (batch_id, edge, epoch, stream, number)
  cross join lateral jsonb_to_recordset(s.seal->'source'->'collected'->'batches') b (instance text, first bigint, last bigint)
  where l.batch_id = :batch and l.verdict = 'counted' and l.collected
), in_order as (
  select p.*, max(p.last) over (
    partition by p.edge, p.instance order by p.first, p.epoch, p.stream, p.number rows between unbounded preceding and 1 preceding
  ) as before
  from posted p
)
select p.edge, p.epoch, p.stream, p.number
from posted p
join source_instance i on (i.source, i.instance) = (p.edge, p.instance) and i.batches && int8range(p.first, p.last + 1)
union
select o.edge, o.epoch, o.stream, o.number
from in_order o
where o.before >= o.first
