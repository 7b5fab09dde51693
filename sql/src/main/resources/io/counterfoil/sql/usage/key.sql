-- Grain: a key. Whose it is, and when the newest request that is counted ended, of any key and edge.
-- Parameters: key, its number; now.
select k.label, a.name as account, p.name as plan, (
    select time_of_micros(max(through_us)) from stream_mark
    where through_us <= extract(epoch from :now::timestamptz) * 1000000) as as_of
from api_key k
join account a using (account_id)
left join plan p using (plan_id)
where k.key_id = :key
