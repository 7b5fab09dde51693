-- Staged rows, and plans, of batches whose planned segments are all in the ledger or a run, or their second looks closed, whoever did
-- that, and staged rows whose plan is gone. Never by age: an attempt may be late. One statement for the four tables. No parameters.
with done as (
  select b.batch_id from (
    select batch_id from staged_usage union select batch_id from staged_segment union select batch_id from staged_reject
    union select batch_id from batch_segment) b
  where not exists (
    select from batch_segment p
    left join ledger l using (edge, epoch, stream, number)
    left join repair r using (repair_id)
    left join ledger_run f
      on (f.edge, f.epoch, f.stream) = (p.edge, p.epoch, p.stream) and p.number between f.first_number and f.last_number
    where p.batch_id = b.batch_id
      and (coalesce(l.edge, f.edge) is null or (p.repair_id is not null and r.batch_id is null)))
), usage_rows as (
  delete from staged_usage where batch_id in (select batch_id from done)
), segment_rows as (
  delete from staged_segment where batch_id in (select batch_id from done)
), reject_rows as (
  delete from staged_reject where batch_id in (select batch_id from done)
)
delete from batch_segment where batch_id in (select batch_id from done)
