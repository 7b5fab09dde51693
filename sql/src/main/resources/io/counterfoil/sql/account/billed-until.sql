-- Grain: account of those given that has a final invoice, with the one that reaches furthest. After control_version was taken, and in a
-- statement of its own: who finalises takes it too. Parameters: accounts (numbers).
select distinct on (i.account_id) i.account_id, a.name, i.number, i.period_to
from invoice i
join account a using (account_id)
where i.kind = 'invoice' and i.account_id = any (:accounts)
order by i.account_id, i.period_to desc, i.number desc
