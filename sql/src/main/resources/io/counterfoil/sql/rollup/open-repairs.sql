-- Second looks that are open, oldest first; of rejects, at which bytes they are. Grain: repair. Parameters: limit.
select r.repair_id, r.kind, r.edge, r.epoch, r.stream, r.number, r.seal,
  case r.kind when 'rejects' then (
    select coalesce(array_agg(j.byte_position), '{}') from reject j
    where (j.edge, j.epoch, j.stream, j.number) = (r.edge, r.epoch, r.stream, r.number)
      and j.file = r.edge || '/' || r.epoch || '/' || r.stream || '/' || r.number || '.csv') end as positions
from repair r
where r.batch_id is null
order by r.repair_id
limit :limit
