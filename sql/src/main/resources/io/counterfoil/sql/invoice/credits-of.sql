-- Grain: credit of a final invoice, by number. Parameter: number, the invoice's.
select number, -net as net, -tax as tax, finalised_at, actor, reason
from invoice
where credits = :number
order by number
