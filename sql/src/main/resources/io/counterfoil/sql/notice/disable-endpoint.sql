-- Sends an endpoint nothing more; what was outstanding is dead. Gives a row where it was not disabled already.
-- Parameters: endpoint, now, reason, decided_by (null: nobody did, it is the receiver's doing).
with disabled as (
  update webhook_endpoint
  set disabled_at = :now, disabled_reason = :reason, decided_by = coalesce(cast(:decided_by as text), decided_by)
  where endpoint_id = :endpoint and disabled_at is null
  returning endpoint_id
), dead as (
  update notice_delivery d
  set dead_at = :now, claimed_until = null, last_error = 'endpoint is disabled: ' || :reason
  from disabled
  where d.endpoint_id = disabled.endpoint_id and d.delivered_at is null and d.dead_at is null
)
select endpoint_id from disabled
