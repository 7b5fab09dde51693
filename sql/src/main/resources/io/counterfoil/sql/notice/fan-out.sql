-- Makes a delivery of each new notice for each target that its account had when the notice was raised. Grain of the answer: one row.
-- Once a notice, whoever runs it: rows that another run has in hand are left to it.
-- Parameters: now, most (notices at once). Gives how many notices were taken, and how many deliveries they became.
with fresh as materialized (
  select notice_id from notice where fanned_at is null order by notice_id limit :most for update skip locked
), fanned as (
  update notice n set fanned_at = :now
  from fresh
  where n.notice_id = fresh.notice_id
  returning n.notice_id, n.account_id, n.raised_at
), made as (
  insert into notice_delivery (notice_id, endpoint_id, email, created_at, next_attempt_at)
  select f.notice_id, t.endpoint_id, t.email, :now, :now
  from fanned f
  cross join lateral (
    select e.endpoint_id, null::text as email
    from webhook_endpoint e
    where e.account_id = f.account_id and e.disabled_at is null and e.since <= f.raised_at
    union all
    select null, a.notice_email
    from account a
    where a.account_id = f.account_id and a.notice_email is not null and a.notice_email_since <= f.raised_at) t
  order by 1
  on conflict do nothing
  returning 1
)
select (select count(*) from fresh) as notices, (select count(*) from made) as deliveries
