-- Fixes what is sent next: a batch, and an event for each account, event name and hour of which more is billable than was sent. The
-- identifier is of that very step, from what was sent to what is used: events of the same step are one to Stripe. Grain: one row, the
-- batch's number; none where nothing is due. Parameters: as of stripe-due.sql, which stands for <due>.
-- Call: with <due> put in, as stripe-due.sql
with due as (<due>), batch as (
  insert into stripe_batch (made_at, since, until, events)
  select cast(:at as timestamptz), cast(:from as timestamptz), cast(:to as timestamptz), count(*)
  from due
  where fault is null
  having count(*) > 0
  returning batch
), event as (
  insert into stripe_sent (batch, account_id, event_name, hour, value, identifier, customer)
  select b.batch, d.account_id, d.event_name, d.hour, d.used - d.sent,
    'counterfoil-' || encode(sha256(convert_to(jsonb_build_array(i.id, d.account_id, d.event_name, extract(epoch from d.hour)::bigint,
      d.sent, d.used)::text, 'UTF8')), 'hex'),
    d.customer
  from due d
  cross join batch b
  cross join database_identity i
  where d.fault is null
)
select batch from batch
