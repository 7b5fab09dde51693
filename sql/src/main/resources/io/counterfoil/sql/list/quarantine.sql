-- Quarantined segments, why they are, and what was done about it. Grain: quarantined segment, or one that was and is counted since.
-- 'records': by its seal. 'state': quarantined; repair asked (the next rollup judges the copy); repair refused; repaired.
-- Parameters: edge, a name; * for all.
-- Call: psql -v edge=edge-1 -f quarantine.sql
\if :{?edge}
\else
\set edge *
\endif
select
  l.edge || '/' || l.epoch || '/' || l.stream || '/' || l.number as segment,
  l.last_seq - l.first_seq + 1 as records,
  case
    when r.repair_id is null then 'quarantined'
    when r.batch_id is null then 'repair asked'
    when r.fault is not null then 'repair refused'
    else 'repaired'
  end as state,
  coalesce(r.fault, r.before, l.reason) as reason,
  to_char(coalesce(r.judged_at, r.asked_at, b.committed_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since,
  coalesce(r.actor, '-') as actor,
  coalesce(r.why, '-') as why
from ledger l
join batch b using (batch_id)
left join lateral (
  select * from repair r
  where (r.edge, r.epoch, r.stream, r.number) = (l.edge, l.epoch, l.stream, l.number) and r.kind = 'segment'
  order by r.repair_id desc
  limit 1) r on true
where (l.verdict = 'quarantined' or r.repair_id is not null) and :'edge' in ('*', l.edge)
order by l.edge, l.epoch, l.stream, l.number;
