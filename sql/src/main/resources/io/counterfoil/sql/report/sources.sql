-- Logs that are not our edges': how sure each is, and what is known to be missing. Grain: source. grade: best-effort (what it lost does
-- not show) or gap-detectable (its batches are numbered: one that is lost between others shows, the last ones of an instance do not).
-- missing_batches: of instances that posted a later one. held: records that wait for their key. skew_s: a sender's clock, ahead of its
-- collector's, in the last rollup; behind: negative.
-- Call: psql -f sources.sql
select
  s.source,
  s.grade,
  to_char(s.since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since,
  coalesce(to_char(nullif(s.closed_through, 'infinity') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    case when s.closed_through = 'infinity' then 'for good' else '-' end) as closed_through,
  coalesce(h.requests, 0) as requests,
  coalesce(i.instances, 0) as instances,
  coalesce(i.missing, 0) as missing_batches,
  s.held,
  round(s.skew_us / 1000000.0, 1)::text as skew_s
from source s
left join (select source, sum(requests)::bigint as requests from source_hour group by source) h using (source)
left join (
  select source, count(*) as instances, sum(missing)::bigint as missing from source_instance group by source) i using (source)
order by s.source;
