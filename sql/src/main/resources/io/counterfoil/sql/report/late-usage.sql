-- Hours that were added to after they were complete or billed. Grain: UTC hour. batches: how many rollups came after it was
-- complete, with records around it; late_at_most: how many records these had in the segments that reach into the hour, so at most so many are late. '-' where the
-- ledger has forgotten them, or the hour was not complete. after_invoice: requests, exactly, that came after an invoice had billed the
-- hour; billable: those of them that its plan bills; adjusted: those of these that a later invoice's adjustment has; merge_no: of the last
-- merge that brought some.
-- Parameters: from (inclusive) and to (exclusive), each a time as 2016-02-20T05:00:00Z, of the hours.
-- Call: psql -v from=2016-02-01T00:00:00Z -f late-usage.sql
\if :{?from}
\else
\set from -infinity
\endif
\if :{?to}
\else
\set to infinity
\endif
with restated as (
  select s.hour, sum(s.requests)::bigint as after_invoice,
    coalesce(sum(s.requests) filter (where b.billable), 0)::bigint as billable,
    coalesce(sum(s.requests) filter (where b.billable and b.adjusted), 0)::bigint as adjusted,
    max(s.merge_no) as merge_no
  from usage_restatement s
  join api_key k using (key_id)
  left join plan p on p.plan_id = plan_at(k.key_id, k.account_id, s.hour)
  left join lateral (
    select is_metered(s.route) and s.outcome = any (p.billable_outcomes) as billable,
      exists (
        select from invoice_line m
        join invoice n using (number)
        where m.adjusts = i.number and n.merge_no >= s.merge_no) as adjusted
    from invoice i
    where i.kind = 'invoice' and i.account_id = k.account_id and i.period_to > s.hour and i.period_from <= s.hour
      and (i.period_interval, i.anchor_day, i.currency) = (p.period_interval, p.anchor_day, p.currency)
    order by i.number
    limit 1) b on true
  where s.hour >= :'from'::timestamptz and s.hour < :'to'::timestamptz
  group by s.hour
), late as (
  select hour, s.completed_at, s.revised_at, coalesce(r.after_invoice, 0) as after_invoice,
    coalesce(r.billable, 0) as billable, coalesce(r.adjusted, 0) as adjusted, r.merge_no
  from (select * from hour_status where hour >= :'from'::timestamptz and hour < :'to'::timestamptz) s
  full join restated r using (hour)
  where s.revised_at is not null or r.hour is not null
), revised as (
  -- One that was billed incomplete and complete since has nothing that came later, so far.
  select * from late where revised_at is not null
), span as (
  select min(hour) as first, max(hour) as last, min(completed_at) as since from revised
), counted as (
  select l.batch_id, l.first_ts_us, l.last_ts_us, l.counted as records
  from ledger l
  where l.verdict = 'counted' and l.counted > 0
  union all
  select r.batch_id, l.first_ts_us, l.last_ts_us, r.counted
  from repair r
  join ledger l using (edge, epoch, stream, number)
  where r.kind = 'rejects' and r.counted > 0
), reaching as (
  select h.hour, b.batch_id, b.committed_at, c.records
  from span s
  join batch b on b.committed_at > s.since
  join counted c using (batch_id)
  cross join lateral generate_series(
    greatest(date_trunc('hour', time_of_micros(c.first_ts_us), 'UTC'), s.first),
    least(time_of_micros(c.last_ts_us), s.last), interval '1 hour') h (hour)
), added as (
  select l.hour, count(distinct r.batch_id) as batches, sum(r.records) as records
  from revised l
  join reaching r on r.hour = l.hour and r.committed_at > l.completed_at
  group by l.hour
), total as (
  select l.hour, sum(u.requests)::bigint as requests
  from late l
  join usage_hourly u using (hour)
  group by l.hour
)
select
  to_char(l.hour at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as hour,
  coalesce(to_char(l.completed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '-') as completed_at,
  coalesce(to_char(l.revised_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '-') as revised_at,
  a.batches,
  least(a.records, t.requests)::bigint as late_at_most,
  l.after_invoice,
  l.billable,
  l.adjusted,
  l.merge_no,
  coalesce(t.requests, 0) as requests
from late l
left join added a using (hour)
left join total t using (hour)
order by l.hour;
