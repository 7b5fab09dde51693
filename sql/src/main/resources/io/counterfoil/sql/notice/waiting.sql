-- What is due and cannot be sent by who asks. Grain: one row.
-- Parameters: now, mail (whether mail can be sent), key_id (of the webhooks' key, or null).
select count(*) filter (where d.endpoint_id is null and not :mail) as mails,
  count(*) filter (where d.endpoint_id is not null and e.key_id is distinct from cast(:key_id as text)) as webhooks
from notice_delivery d
left join webhook_endpoint e using (endpoint_id)
where d.delivered_at is null and d.dead_at is null and d.next_attempt_at <= :now
