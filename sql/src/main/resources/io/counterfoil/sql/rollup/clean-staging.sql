-- Staged rows, and plans, of batches whose planned segments are all in the ledger or a run, or their second looks closed, whoever did
-- that, and staged rows whose plan is gone. Never by age: an attempt may be late. One statement for the four tables. Which batches are
-- staged is asked of the indexes, batch by batch: the tables hold dead rows of the last large one. No parameters.
with recursive staged_usage_batch (batch_id) as (
  select min(batch_id) from staged_usage
  union all
  select (select min(s.batch_id) from staged_usage s where s.batch_id > b.batch_id) from staged_usage_batch b where b.batch_id is not null
), staged_segment_batch (batch_id) as (
  select min(batch_id) from staged_segment
  union all
  select (select min(s.batch_id) from staged_segment s where s.batch_id > b.batch_id) from staged_segment_batch b
  where b.batch_id is not null
), staged_reject_batch (batch_id) as (
  select min(batch_id) from staged_reject
  union all
  select (select min(s.batch_id) from staged_reject s where s.batch_id > b.batch_id) from staged_reject_batch b
  where b.batch_id is not null
), done as (
  select b.batch_id from (
    select batch_id from staged_usage_batch union select batch_id from staged_segment_batch
    union select batch_id from staged_reject_batch union select batch_id from batch_segment) b
  where not exists (
    select from batch_segment p
    left join ledger l using (edge, epoch, stream, number)
    left join repair r using (repair_id)
    left join ledger_run f
      on (f.edge, f.epoch, f.stream) = (p.edge, p.epoch, p.stream) and p.number between f.first_number and f.last_number
    where p.batch_id = b.batch_id
      and (coalesce(l.edge, f.edge) is null or (p.repair_id is not null and r.batch_id is null)))
), usage_rows as (
  delete from staged_usage where batch_id = any (array(select batch_id from done))
), segment_rows as (
  delete from staged_segment where batch_id = any (array(select batch_id from done))
), reject_rows as (
  delete from staged_reject where batch_id = any (array(select batch_id from done))
)
delete from batch_segment where batch_id = any (array(select batch_id from done))
