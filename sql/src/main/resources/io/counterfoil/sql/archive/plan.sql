-- Grain: one row a counted segment that no archive holds, oldest batch first, while their bytes fit; at least one.
-- Excluded: names as edge/epoch/stream/number.
-- Parameters: archive, max_bytes, max_segments, excluded.
insert into archive_segment (archive_id, edge, epoch, stream, number)
select :archive, edge, epoch, stream, number
from (
  select *, sum(coalesce(bytes, 0)) over (order by batch_id, edge, epoch, stream, number) as upto
  from (
    select batch_id, edge, epoch, stream, number, bytes from ledger
    where verdict = 'counted' and archive_id is null
      and edge || '/' || epoch || '/' || stream || '/' || number <> all (:excluded)
    order by batch_id, edge, epoch, stream, number
    limit :max_segments) waiting) bounded
where upto <= :max_bytes or upto = coalesce(bytes, 0)
