-- Takes away the rejects that the batch judged again; those that stay rejects come back with the batch's. Those of an imported
-- file's lines are none of them. Parameters: batch.
delete from reject j
using repair r
where r.batch_id = :batch and r.kind = 'rejects' and r.fault is null
  and (j.edge, j.epoch, j.stream, j.number) = (r.edge, r.epoch, r.stream, r.number)
  and j.file = r.edge || '/' || r.epoch || '/' || r.stream || '/' || r.number || '.csv'
