-- How long it takes from the record that uses a limit up to the refusals or warnings, by part, in milliseconds. Of crossings that 'job
-- overshoot' found in the log, and edges that refused or warned after. Grain: a part. seal: until the record's segment ends; rollup: until
-- its batch's merge begins (shipping, the pause between rollups, reading and summing); reload: the merge, and until an edge's first refusal
-- or warning, which comes with the next request.
-- Parameters: from and to, times of crossings.
-- Call: psql -v from=2026-11-01T00:00:00Z -f flag-lag.sql
\if :{?from}
\else
\set from -infinity
\endif
\if :{?to}
\else
\set to infinity
\endif
with held as (
  select c.crossed_at, c.sealed_at, c.counted_at, min(o.held_at) as held_at
  from limit_crossing c
  join overshoot o using (limit_id, subject_id, window_start, quota)
  where c.crossed_at >= :'from'::timestamptz and c.crossed_at < :'to'::timestamptz and c.counted_at is not null
    and o.held_at is not null
  group by c.limit_id, c.subject_id, c.window_start, c.quota, o.edge
), part as (
  select p.number, p.part, extract(epoch from p.took) * 1000 as ms
  from held
  cross join lateral (values
    (1, 'seal', sealed_at - crossed_at),
    (2, 'rollup', counted_at - sealed_at),
    (3, 'reload', held_at - counted_at),
    (4, 'all', held_at - crossed_at)) p (number, part, took)
)
select
  part,
  count(*) as crossings,
  floor(percentile_disc(0.5) within group (order by ms))::bigint as p50_ms,
  floor(percentile_disc(0.9) within group (order by ms))::bigint as p90_ms,
  floor(percentile_disc(0.99) within group (order by ms))::bigint as p99_ms,
  floor(max(ms))::bigint as max_ms
from part
group by number, part
order by number;
