-- Takes deliveries that are due, for as long as a lease; each of these counts as an attempt, also where its sender dies. Grain: delivery.
-- Targets are webhook endpoints by their number; all mail is target 0. Two at once take different ones.
-- Parameters: now, until (the lease's end), mail (whether mail can be sent), key_id (of the webhooks' key, or null), busy (targets to leave
-- alone), most (deliveries), per_target.
with head as materialized (
  select d.delivery_id, d.next_attempt_at, coalesce(d.endpoint_id, 0) as target
  from notice_delivery d
  left join webhook_endpoint e using (endpoint_id)
  where d.delivered_at is null and d.dead_at is null and d.next_attempt_at <= :now
    and (d.claimed_until is null or d.claimed_until <= :now)
    and coalesce(d.endpoint_id, 0) <> all (:busy)
    and (case when d.endpoint_id is null then :mail else e.key_id = cast(:key_id as text) end)
  order by d.next_attempt_at, d.delivery_id
  limit 1000
), picked as (
  select delivery_id, row_number() over (partition by target order by next_attempt_at, delivery_id) as place
  from head
), locked as (
  -- What another run took in the meantime is seen by the row that is locked, not by the one that was read.
  select d.delivery_id
  from notice_delivery d
  where d.delivery_id in (select delivery_id from picked where place <= :per_target)
    and d.delivered_at is null and d.dead_at is null and d.next_attempt_at <= :now
    and (d.claimed_until is null or d.claimed_until <= :now)
  order by d.next_attempt_at, d.delivery_id
  limit :most
  for update skip locked
), claimed as (
  update notice_delivery d set claimed_until = :until, attempts = d.attempts + 1
  from locked
  where d.delivery_id = locked.delivery_id
  returning d.*
)
select c.delivery_id, c.message_id, c.attempts, c.endpoint_id, c.email,
  e.url, e.salt, e.generation, e.former_until, e.disabled_reason,
  a.name as account, a.external_id, k.label, p.name as plan, l.time_window, l.measure, l.action, l.scope,
  n.quota, n.used, n.threshold, n.as_of, n.window_start, n.resets_at, n.raised_at
from claimed c
join notice n using (notice_id)
join account a using (account_id)
join plan_limit l using (limit_id)
join plan p using (plan_id)
left join api_key k on l.scope = 'key' and k.key_id = n.subject_id
left join webhook_endpoint e on e.endpoint_id = c.endpoint_id
order by c.next_attempt_at, c.delivery_id
