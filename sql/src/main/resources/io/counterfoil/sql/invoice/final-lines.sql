-- Grain: line of a final invoice or credit, in its order; with its plan's name and version, and its key's label. Parameter: number.
select l.line, l.kind, l.name, l.plan_id, p.name as plan, p.version, l.key_id, k.label, l.since, l.until, l.measure, l.quantity, l.adjusts,
  l.detail::text as detail, l.amount
from invoice_line l
left join plan p using (plan_id)
left join api_key k using (key_id)
where l.number = :number
order by l.line
