-- The lines of a final invoice or credit, for people. Grain: line. detail: a JSON object, how the amount came about.
-- Parameter: number.
-- Call: :number = 1
select l.line, l.kind, l.name, p.name as plan, p.version as plan_version, l.since, l.until, l.measure, l.quantity, l.adjusts,
  l.detail::text as detail, l.amount
from invoice_line l
left join plan p on p.plan_id = l.plan_id
where l.number = :number
order by l.line
