-- A batch's events, always in the same order. Grain: event. Parameter: batch.
-- Call: :batch = 1
select identifier, event_name, extract(epoch from hour)::bigint as second, customer, value
from stripe_sent
where batch = :batch
order by account_id, event_name collate "C", hour
