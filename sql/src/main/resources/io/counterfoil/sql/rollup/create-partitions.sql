-- Makes the months that the batch's staged hours lie in; before the merge's transaction. Parameters: batch.
select create_usage_partition(month)
from (select distinct date_trunc('month', hour, 'UTC') as month from staged_usage where batch_id = :batch) months
