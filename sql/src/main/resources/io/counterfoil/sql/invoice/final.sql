-- Grain: final invoice or credit. Parameter: number.
select number, kind, account_id, period_interval, anchor_day, period_from, period_to, currency, net, tax, merge_no, finalised_at, actor,
  reason, incomplete_hours, credits, seller::text as seller, buyer::text as buyer
from invoice
where number = :number
