-- Dead deliveries are due again, as if nothing had been tried; those of a disabled endpoint stay as they are. Grain of the answer: one row.
-- Parameters: now, id (a delivery, or null: all).
with again as (
  update notice_delivery d
  set dead_at = null, attempts = 0, next_attempt_at = :now, claimed_until = null
  where d.dead_at is not null and (cast(:id as bigint) is null or d.delivery_id = cast(:id as bigint))
    and not exists (select from webhook_endpoint e where e.endpoint_id = d.endpoint_id and e.disabled_at is not null)
  returning 1
)
select (select count(*) from again) as retried,
  (select count(*) from notice_delivery d where d.dead_at is not null
    and (cast(:id as bigint) is null or d.delivery_id = cast(:id as bigint))) - (select count(*) from again) as disabled
