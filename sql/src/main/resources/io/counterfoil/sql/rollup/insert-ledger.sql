-- Grain: one row a planned segment that an accepted attempt gave a verdict on. First statement of the merge: whoever gets all of
-- its planned rows in may count them. Parameters: batch.
insert into ledger (edge, epoch, stream, number, batch_id, verdict, reason, first_seq, last_seq, counted, rejected,
  first_ts_us, last_ts_us, through_us, end_of_stream, sha256)
select s.edge, s.epoch, s.stream, s.number, s.batch_id, s.verdict, s.reason, s.first_seq, s.last_seq, s.counted, s.rejected,
  s.first_ts_us, s.last_ts_us, s.through_us, s.end_of_stream, s.sha256
from staged_segment s
join batch_attempt using (batch_id, part, attempt)
join batch_segment using (batch_id, edge, epoch, stream, number)
where s.batch_id = :batch
order by s.edge, s.epoch, s.stream, s.number
on conflict (edge, epoch, stream, number) do nothing
