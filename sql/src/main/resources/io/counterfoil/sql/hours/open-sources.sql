-- Sources whose first records are in the batch, or earlier ones than before. Parameters: batch.
insert into source (source, since)
select l.edge, greatest(date_trunc('hour', time_of_micros(min(l.first_ts_us)), 'UTC'),
  (select min(s.hour) from accepted_usage s where s.batch_id = :batch))
from ledger l
where l.batch_id = :batch and l.imported and l.counted > 0
group by l.edge
order by l.edge
on conflict (source) do update set since = excluded.since where source.since > excluded.since
