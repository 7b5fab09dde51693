-- Keeps what the batch's counted segments say of their epochs. Grain: edge, epoch. Parameters: batch.
insert into edge_epoch (edge, epoch, streams, predecessor, batch_id)
select distinct on (edge, epoch) edge, epoch, streams, predecessor, batch_id
from ledger
where batch_id = :batch and verdict = 'counted' and not imported
order by edge, epoch, stream, number
on conflict (edge, epoch) do update set
  streams = excluded.streams, predecessor = excluded.predecessor, batch_id = excluded.batch_id
  where edge_epoch.streams is null
