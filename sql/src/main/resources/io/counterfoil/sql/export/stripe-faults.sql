-- What of the usage that is due cannot be sent, and why. Grain: fault, account, event name. Parameters: as of stripe-due.sql, which stands for
-- <due>.
-- Call: with <due> put in, as stripe-due.sql
with due as (<due>)
select fault, account, event_name, min(hour) as first_hour, max(hour) as last_hour, count(*) as hours, sum(used) as used, sum(sent) as sent
from due
where fault is not null
group by fault, account, event_name
order by account collate "C", event_name collate "C", fault
