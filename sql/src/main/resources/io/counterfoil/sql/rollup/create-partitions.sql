-- Makes the months that the batch's staged hours lie in, this one and the next two; before the merge's transaction. Parameters:
-- batch, now.
select create_usage_partition(month)
from (
  select date_trunc('month', hour, 'UTC') as month
  from (select distinct hour from staged_usage where batch_id = :batch) hours
  union
  select (date_trunc('month', :now::timestamptz at time zone 'UTC') + ahead * interval '1 month') at time zone 'UTC'
  from generate_series(0, 2) ahead) months
