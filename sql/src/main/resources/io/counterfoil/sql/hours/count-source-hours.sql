-- Adds what the batch counts of each source to its hours. Parameters: batch.
insert into source_hour (source, hour, requests)
select s.edge, to_timestamp((h.pair->>0)::bigint), sum((h.pair->>1)::bigint)::bigint
from accepted_segment s
cross join lateral jsonb_array_elements(s.hours) h (pair)
where s.batch_id = :batch and s.verdict = 'counted'
group by 1, 2
order by 1, 2
on conflict (source, hour) do update set requests = source_hour.requests + excluded.requests
