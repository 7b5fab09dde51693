-- Grain: one row a counted segment with rejects of its own that were too far ahead of the clock then and are not now, and that nobody
-- asked to be judged again yet, and that were not deleted.
-- Parameters: edge (* for all), latest_us.
select l.edge, l.epoch, l.stream, l.number, j.rejects
from ledger l
join (
  select edge, epoch, stream, number, count(*) as rejects,
    bool_or(substring(reason from '^ts_us ([0-9]{1,18}) is before 1990 or more than a day ahead$')::bigint
      between 631152000000000 and :latest_us - 1) as passed
  from reject
  where file = edge || '/' || epoch || '/' || stream || '/' || number || '.csv' and :edge in ('*', edge)
  group by edge, epoch, stream, number) j using (edge, epoch, stream, number)
where j.passed and l.verdict = 'counted' and l.deleting_at is null
  and not exists (select from repair r where r.batch_id is null
    and (r.edge, r.epoch, r.stream, r.number) = (l.edge, l.epoch, l.stream, l.number))
order by l.edge, l.epoch, l.stream, l.number
