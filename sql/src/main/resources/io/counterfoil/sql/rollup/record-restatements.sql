-- Notes what the batch adds to hours that a final invoice has billed. After control_version was taken: an invoice is final before this, and
-- did not see the batch, or comes after it and does. Parameters: batch; merge_no, the next control_version.
insert into usage_restatement (batch_id, hour, key_id, route, outcome, requests, units, bytes_in, bytes_out, duration_us, merge_no)
select :batch, s.hour, s.key_id, s.route, s.outcome, sum(s.requests)::bigint, sum(s.units)::bigint, sum(s.bytes_in)::bigint,
  sum(s.bytes_out)::bigint, sum(s.duration_us)::bigint, :merge_no
from accepted_usage s
join api_key k using (key_id)
where s.batch_id = :batch
  -- Nearly always none: looked for before who was billed by which plan.
  and s.hour < (select max(period_to) from invoice)
  and exists (
    select from invoice i
    join plan v on v.plan_id = plan_at(k.key_id, k.account_id, s.hour) and v.currency = i.currency and v.period_interval = i.period_interval
      and v.anchor_day = i.anchor_day
    where i.account_id = k.account_id and i.kind = 'invoice' and i.period_from <= s.hour and i.period_to > s.hour)
group by s.hour, s.key_id, s.route, s.outcome
