-- Grain: one row a planned segment, second looks apart, that an accepted attempt gave a verdict on. First statement of the merge:
-- whoever gets all of its planned rows in may count them. Parameters: batch.
insert into ledger (edge, epoch, stream, number, batch_id, verdict, reason, counted, rejected, first_seq, last_seq,
  first_ts_us, last_ts_us, through_us, end_of_stream, sha256, streams, served, unlogged, bytes, previous_sha256, predecessor,
  loss_since, imported, collected)
select p.edge, p.epoch, p.stream, p.number, p.batch_id, s.verdict, s.reason, s.counted, s.rejected, seal.first_seq, seal.last_seq,
  seal.first_ts_us, seal.last_ts_us, seal.through_us, seal.end_of_stream, seal.sha256, seal.streams, seal.served,
  (select sum(n::bigint)::bigint from jsonb_each_text(p.seal->'unlogged') reasons (reason, n)), seal.bytes, seal.previous_sha256,
  seal.predecessor, replace(substring(p.seal->'recovered'->>'loss' from '^since (.*)$'), 'the start', '-infinity')::timestamptz,
  p.seal->'source' is not null, p.seal->'source'->'collected' is not null
from accepted_segment s
join batch_segment p using (batch_id, edge, epoch, stream, number)
cross join jsonb_to_record(p.seal) seal (first_seq bigint, last_seq bigint, first_ts_us bigint, last_ts_us bigint,
  through_us bigint, end_of_stream boolean, sha256 text, streams int, served bigint, bytes bigint, previous_sha256 text,
  predecessor jsonb)
where p.batch_id = :batch and p.repair_id is null
order by p.edge, p.epoch, p.stream, p.number
on conflict (edge, epoch, stream, number) do nothing
