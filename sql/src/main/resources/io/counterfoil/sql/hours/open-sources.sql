-- Sources whose first records are in the batch, or earlier ones than before; of a collector's, also those of which nothing is counted yet:
-- what it holds back is of hours that are to wait. A new one's grade is that of its first segments; it falls, and never rises.
-- Parameters: batch, now.
insert into source (source, since, grade)
select l.edge, greatest(date_trunc('hour', time_of_micros(min(l.first_ts_us) filter (where l.counted > 0)), 'UTC'),
  case when sum(l.counted) > 0 then (select min(s.hour) from accepted_usage s where s.batch_id = :batch)
    else date_trunc('hour', :now::timestamptz, 'UTC') end),
  case when bool_and(l.collected) then 'gap-detectable' else 'best-effort' end
from ledger l
where l.batch_id = :batch and l.imported
group by l.edge
having sum(l.counted) > 0 or bool_or(l.collected)
order by l.edge
on conflict (source) do update set since = excluded.since where source.since > excluded.since
