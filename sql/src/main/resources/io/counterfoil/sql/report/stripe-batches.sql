-- What was handed over to Stripe, and what was fixed for it and never written. Grain: batch, event name. written_at: when its file was on
-- disk; '-': a run did not end, and nothing else is sent before counterfoil export stripe --again BATCH --out FILE. The hours from
-- and to, exclusive, are those that the run was asked for. events, value: of that event name, how many and their sum.
-- Parameters: from (inclusive) and to (exclusive), each a time as 2016-02-20T05:00:00Z: when the batch was fixed.
-- Call: psql -v from=2026-10-01T00:00:00Z -f stripe-batches.sql
\if :{?from}
\else
\set from -infinity
\endif
\if :{?to}
\else
\set to infinity
\endif
select
  b.batch,
  to_char(b.made_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as made_at,
  coalesce(to_char(b.written_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '-') as written_at,
  to_char(b.since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "from",
  to_char(b.until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "to",
  s.event_name as event,
  count(*) as events,
  sum(s.value) as value
from stripe_batch b
join stripe_sent s using (batch)
where b.made_at >= :'from'::timestamptz and b.made_at < :'to'::timestamptz
group by b.batch, s.event_name
order by b.batch, s.event_name;
