-- Grain: final invoice of those accounts. Parameters: accounts; from and to: of periods that begin within.
select account_id, period_interval, anchor_day, currency, period_from
from invoice
where kind = 'invoice' and account_id = any (:accounts) and period_from >= cast(:from as timestamptz) and period_from < cast(:to as timestamptz)
