-- What was invoiced for a final invoice's period, net, up to before a later invoice: its own lines and the adjustments since. Credits are
-- none: what was credited is not billed again. Parameters: number; before, the later one's number.
select coalesce(sum(amount), 0) as invoiced
from invoice_line
where (number = :number and kind in ('charge', 'discount', 'minimum')) or (adjusts = :number and number < :before)
