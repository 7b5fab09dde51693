-- Usage that could be billed and is in no final invoice, and why. Grain: account, plan's version, reason. no plan in force, plan without
-- prices: of these, successes. late, not adjusted yet: a merge added it after the invoice, and no later one has it. first_hour, last_hour:
-- in which its requests ended.
-- Parameters: from (inclusive) and to (exclusive), each a time as 2016-02-20T05:00:00Z, of the hours; account, a name, or * for all.
-- Call: psql -v to=2026-11-01T00:00:00Z -f unbilled.sql
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
with used as (
  select u.hour, k.account_id, p.plan_id, p.definition is not null as priced, p.period_interval, p.anchor_day, p.currency,
    sum(u.requests) as requests, sum(u.units) as units, sum(u.bytes_out) as bytes_out
  from usage_hourly u
  join api_key k using (key_id)
  left join key_plan f on f.key_id = u.key_id and f.since <= u.hour and u.hour < f.until
  left join plan p on p.plan_id = f.plan_id
  where u.hour >= :'from'::timestamptz and u.hour < :'to'::timestamptz and is_metered(u.route)
    and u.outcome = any (case when p.definition is null then array['success'] else p.billable_outcomes end)
  group by 1, 2, 3, 4, 5, 6, 7
), open as (
  select j.account_id, j.plan_id, j.hour, j.requests, j.units, j.bytes_out,
    case
      when j.plan_id is null then 'no plan in force'
      when not j.priced then 'plan without prices'
      when exists (select from invoice_hold h where h.account_id = j.account_id and h.released_at is null) then 'account held'
      else 'not finalised yet'
    end as reason
  from used j
  left join lateral (
    select i.number, i.merge_no
    from invoice i
    where i.kind = 'invoice' and i.account_id = j.account_id and i.period_to > j.hour and i.period_from <= j.hour
      and (i.period_interval, i.anchor_day, i.currency) = (j.period_interval, j.anchor_day, j.currency)
    order by i.number
    limit 1) i on true
  where i.number is null
), late as (
  -- What a merge added to billed hours, and whether a later invoice has it.
  select k.account_id, p.plan_id, s.hour, s.requests, s.units, s.bytes_out,
    exists (
      select from invoice_line m
      join invoice n using (number)
      where m.adjusts = i.number and n.merge_no >= s.merge_no) as adjusted
  from usage_restatement s
  join api_key k using (key_id)
  join key_plan f on f.key_id = s.key_id and f.since <= s.hour and s.hour < f.until
  join plan p on p.plan_id = f.plan_id and p.definition is not null
  cross join lateral (
    select i.number, i.merge_no
    from invoice i
    where i.kind = 'invoice' and i.account_id = k.account_id and i.period_to > s.hour and i.period_from <= s.hour
      and (i.period_interval, i.anchor_day, i.currency) = (p.period_interval, p.anchor_day, p.currency)
    order by i.number
    limit 1) i
  where s.hour >= :'from'::timestamptz and s.hour < :'to'::timestamptz and is_metered(s.route)
    and s.outcome = any (p.billable_outcomes) and s.merge_no > i.merge_no
), unbilled as (
  select * from open
  union all
  select account_id, plan_id, hour, requests, units, bytes_out, 'late, not adjusted yet' from late where not adjusted
)
select
  a.name as account,
  coalesce(p.name, '-') as plan,
  p.version::bigint as version,
  n.reason,
  sum(n.requests)::bigint as requests,
  sum(n.units)::bigint as units,
  sum(n.bytes_out)::bigint as bytes_out,
  to_char(min(n.hour) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as first_hour,
  to_char(max(n.hour) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as last_hour
from unbilled n
join account a using (account_id)
left join plan p using (plan_id)
where :'account' in ('*', a.name)
group by a.name, p.plan_id, n.reason
order by a.name collate "C", p.name collate "C" nulls first, p.version, n.reason collate "C";
