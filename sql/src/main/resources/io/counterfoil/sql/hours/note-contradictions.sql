-- Marks epochs of the batch whose segments do not say the same of them, or that follow on an epoch which one known before follows on
-- too: two copies of one data folder. Parameters: batch.
update edge_epoch e set contradiction = c.contradiction
from (
  select distinct on (l.edge, l.epoch) l.edge, l.epoch,
    case when twin.epoch is null then 'segment ' || l.stream || '/' || l.number || ' does not say the same of its epoch as others do'
      else 'it follows on epoch ' || twin.predecessor_epoch || ', as epoch ' || twin.epoch || ' does: two copies of one data folder'
    end as contradiction
  from ledger l
  join edge_epoch k using (edge, epoch)
  left join edge_epoch twin
    on twin.edge = k.edge and twin.predecessor_epoch = k.predecessor_epoch and k.batch_id = :batch
      and (twin.batch_id < k.batch_id or (twin.batch_id = k.batch_id and twin.epoch < k.epoch))
  where l.batch_id = :batch and l.verdict = 'counted' and not l.imported and k.contradiction is null
    and (twin.epoch is not null or l.streams <> k.streams or l.predecessor is distinct from k.predecessor)
  order by l.edge, l.epoch, twin.epoch, l.stream, l.number
) c
where (e.edge, e.epoch) = (c.edge, c.epoch)
