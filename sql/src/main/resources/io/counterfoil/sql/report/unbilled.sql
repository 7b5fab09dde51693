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
  select u.hour, k.account_id, a.name as account, p.name as plan, p.version, p.definition is not null as priced, p.period_interval, p.anchor_day, p.currency,
    sum(u.requests) as requests, sum(u.units) as units, sum(u.bytes_out) as bytes_out
  from usage_hourly u
  join api_key k using (key_id)
  join account a using (account_id)
  left join plan p on p.plan_id = plan_at(k.key_id, k.account_id, u.hour)
  where u.hour >= :'from'::timestamptz and u.hour < :'to'::timestamptz and is_metered(u.route)
    and u.outcome = any (case when p.definition is not null then p.billable_outcomes else array['success'] end)
    and :'account' in ('*', a.name)
  group by 1, 2, 3, 4, 5, 6, 7, 8, 9
), open as (
  select j.account, j.plan, j.version, j.hour, j.requests, j.units, j.bytes_out,
    case
      when j.plan is null then 'no plan in force'
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
  select a.name as account, p.name as plan, p.version, s.hour, s.requests, s.units, s.bytes_out,
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
), unbilled as (
  select * from open
  union all
  select account, plan, version, hour, requests, units, bytes_out, 'late, not adjusted yet' from late where not adjusted
)
select
  account,
  coalesce(plan, '-') as plan,
  version::bigint as version,
  reason,
  sum(requests)::bigint as requests,
  sum(units)::bigint as units,
  sum(bytes_out)::bigint as bytes_out,
  to_char(min(hour) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as first_hour,
  to_char(max(hour) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as last_hour
from unbilled
group by account, plan, version, reason
order by account collate "C", plan collate "C" nulls first, version, reason collate "C";
