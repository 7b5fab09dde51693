-- Grain: one row. What the accepted attempts of a batch really staged, to be held against what they say and against the verdicts.
-- Parameters: batch.
select u.*, s.*, r.*, l.*
from (
  select count(*) as usage_rows, coalesce(sum(u.requests), 0)::bigint as requests, coalesce(sum(u.units), 0)::bigint as units,
    coalesce(sum(u.bytes_in), 0)::bigint as bytes_in, coalesce(sum(u.bytes_out), 0)::bigint as bytes_out,
    coalesce(sum(u.duration_us), 0)::bigint as duration_us
  from accepted_usage u where batch_id = :batch) u,
  (select count(*) as segment_rows from accepted_segment where batch_id = :batch) s,
  (select count(*) as reject_rows from accepted_reject where batch_id = :batch) r,
  (select coalesce(sum(counted), 0)::bigint as counted, coalesce(sum(rejected), 0)::bigint as rejected
  from (
    select counted, rejected from ledger where batch_id = :batch
    union all
    select counted, rejected
    from (
      select distinct r.repair_id, r.counted, s.rejected
      from repair r
      join accepted_segment s using (batch_id, edge, epoch, stream, number)
      where r.batch_id = :batch and r.kind = 'rejects') again) judged) l
