-- Sources whose first records are in the batch, or earlier ones than before. A new one's grade is that of its first segments; it falls,
-- and never rises. Parameters: batch.
insert into source (source, since, grade)
select l.edge, greatest(date_trunc('hour', time_of_micros(min(l.first_ts_us) filter (where l.counted > 0)), 'UTC'),
  (select min(s.hour) from accepted_usage s where s.batch_id = :batch)),
  case when bool_and(l.collected) then 'gap-detectable' else 'best-effort' end
from ledger l
where l.batch_id = :batch and l.imported
group by l.edge
having sum(l.counted) > 0
order by l.edge
on conflict (source) do update set since = excluded.since where source.since > excluded.since
