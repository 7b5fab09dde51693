-- Grain: one row. What the accepted attempts of a batch really staged, to be held against what they say and against the verdicts.
-- Parameters: batch.
select
  (select count(*) from staged_usage join batch_attempt using (batch_id, part, attempt) where batch_id = :batch) as usage_rows,
  (select count(*) from staged_segment join batch_attempt using (batch_id, part, attempt) where batch_id = :batch) as segment_rows,
  (select count(*) from staged_reject join batch_attempt using (batch_id, part, attempt) where batch_id = :batch) as reject_rows,
  (select coalesce(sum(s.requests), 0)::bigint
    from staged_usage s join batch_attempt using (batch_id, part, attempt) where batch_id = :batch) as requests,
  (select coalesce(sum(counted), 0)::bigint from ledger where batch_id = :batch) as counted,
  (select coalesce(sum(rejected), 0)::bigint from ledger where batch_id = :batch) as rejected
