-- A final invoice or credit, for people. Grain: one row, where there is one of that number. seller and buyer: JSON objects, as they were.
-- Parameter: number.
-- Call: :number = 1
select number, kind, period_from, period_to, currency, net, tax, total, finalised_at, incomplete_hours, credits, reason,
  seller::text as seller, buyer::text as buyer
from invoice
where number = :number
