-- Which batches of which instances the batch's segments are made of. What is there already was kept out before. Parameters: batch, now.
insert into source_instance (source, instance, batches, missing, missing_since, first_at, last_at)
select c.source, c.instance, c.batches, missing_batches(c.batches), case when missing_batches(c.batches) > 0 then :now::timestamptz end,
  :now, :now
from (
  select l.edge as source, b.instance, range_agg(int8range(b.first, b.last + 1)) as batches
  from ledger l
  join batch_segment s using (batch_id, edge, epoch, stream, number)
  cross join lateral jsonb_to_recordset(s.seal->'source'->'collected'->'batches') b (instance text, first bigint, last bigint)
  where l.batch_id = :batch and l.verdict = 'counted'
  group by l.edge, b.instance) c
order by c.source, c.instance
on conflict (source, instance) do update set
  batches = source_instance.batches + excluded.batches,
  missing = missing_batches(source_instance.batches + excluded.batches),
  missing_since = case when missing_batches(source_instance.batches + excluded.batches) > 0
    then coalesce(source_instance.missing_since, excluded.last_at) end,
  last_at = excluded.last_at
