-- From the log to the invoices: all requests, those excluded by reason, what is billable, and what of it is invoiced. Grain: step and part.
-- logged = all of excluded + billable, and billable = all of invoiced + open, exactly. The first reason that applies counts. invoiced:
-- final invoices cover its hour; open: none does, or it came late and no adjustment has it yet. Credits take amounts back, no usage.
-- Parameters: from (inclusive) and to (exclusive), each a time as 2016-02-20T05:00:00Z, of the hours; account, a name, or * for all.
-- Call: psql -v from=2026-10-01T00:00:00Z -v to=2026-11-01T00:00:00Z -f bridge.sql
\if :{?from}
\else
\set from -infinity
\endif
\if :{?to}
\else
\set to infinity
\endif
\if :{?account}
\else
\set account *
\endif
with judged as (
  select u.hour, k.account_id, p.period_interval, p.anchor_day, p.currency,
    case
      when u.key_id = 0 or u.outcome = 'unauthorized' then 'no valid key'
      when k.key_id is null then 'key not in this database'
      when not is_metered(u.route) then 'route of the edge itself'
      when u.outcome = 'refused' then 'refused'
      when p.plan_id is null then 'no plan in force'
      when p.definition is null then 'plan without prices'
      when u.outcome <> all (p.billable_outcomes) then 'outcome not billable'
    end as reason,
    sum(u.requests) as requests, sum(u.units) as units, sum(u.bytes_out) as bytes_out
  from usage_hourly u
  left join api_key k using (key_id)
  left join account a using (account_id)
  left join plan p on p.plan_id = plan_at(k.key_id, k.account_id, u.hour)
  where u.hour >= :'from'::timestamptz and u.hour < :'to'::timestamptz and :'account' in ('*', a.name)
  group by 1, 2, 3, 4, 5, 6
), billable as (
  select j.requests, j.units, j.bytes_out,
    case
      when i.number is not null then 'invoiced'
      when exists (select from invoice_hold h where h.account_id = j.account_id and h.released_at is null) then 'account held'
      else 'not finalised yet'
    end as state
  from judged j
  left join lateral (
    select i.number, i.merge_no
    from invoice i
    where i.kind = 'invoice' and i.account_id = j.account_id and i.period_to > j.hour and i.period_from <= j.hour
      and (i.period_interval, i.anchor_day, i.currency) = (j.period_interval, j.anchor_day, j.currency)
    order by i.number
    limit 1) i on true
  where j.reason is null
), late as (
  -- What a merge added to billed hours, and whether a later invoice has it.
  select s.requests, s.units, s.bytes_out,
    exists (
      select from invoice_line m
      join invoice n using (number)
      where m.adjusts = i.number and n.merge_no >= s.merge_no) as adjusted
  from usage_restatement s
  join api_key k using (key_id)
  join account a using (account_id)
  join plan p on p.plan_id = plan_at(k.key_id, k.account_id, s.hour) and p.definition is not null
  cross join lateral (
    select i.number, i.merge_no
    from invoice i
    where i.kind = 'invoice' and i.account_id = k.account_id and i.period_to > s.hour and i.period_from <= s.hour
      and (i.period_interval, i.anchor_day, i.currency) = (p.period_interval, p.anchor_day, p.currency)
    order by i.number
    limit 1) i
  where s.hour >= :'from'::timestamptz and s.hour < :'to'::timestamptz and is_metered(s.route)
    and s.outcome = any (p.billable_outcomes) and s.merge_no > i.merge_no and :'account' in ('*', a.name)
), part as (
  select 'logged' as step, '-' as part, requests, units, bytes_out from judged
  union all
  select 'excluded', reason, requests, units, bytes_out from judged where reason is not null
  union all
  select 'billable', '-', requests, units, bytes_out from judged where reason is null
  union all
  select case state when 'invoiced' then 'invoiced' else 'open' end, case state when 'invoiced' then 'in its period' else state end,
    requests, units, bytes_out
  from billable
  union all
  select 'invoiced', 'in its period', -requests, -units, -bytes_out from late
  union all
  select case when adjusted then 'invoiced' else 'open' end,
    case when adjusted then 'late, as an adjustment' else 'late, not adjusted yet' end,
    requests, units, bytes_out
  from late
)
select
  s.step,
  s.part,
  coalesce(sum(p.requests), 0)::bigint as requests,
  coalesce(sum(p.units), 0)::bigint as units,
  coalesce(sum(p.bytes_out), 0)::bigint as bytes_out
from (values
  (1, 'logged', '-'),
  (2, 'excluded', 'no valid key'),
  (3, 'excluded', 'key not in this database'),
  (4, 'excluded', 'route of the edge itself'),
  (5, 'excluded', 'refused'),
  (6, 'excluded', 'no plan in force'),
  (7, 'excluded', 'plan without prices'),
  (8, 'excluded', 'outcome not billable'),
  (9, 'billable', '-'),
  (10, 'invoiced', 'in its period'),
  (11, 'invoiced', 'late, as an adjustment'),
  (12, 'open', 'late, not adjusted yet'),
  (13, 'open', 'account held'),
  (14, 'open', 'not finalised yet')
) s (number, step, part)
left join part p using (step, part)
group by s.number, s.step, s.part
order by s.number;
