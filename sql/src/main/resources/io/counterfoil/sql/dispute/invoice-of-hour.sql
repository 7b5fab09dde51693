-- Grain: final invoice that billed an hour of a key, at most one. Parameters: key; hour.
select i.number, i.merge_no
from key_plan p
join plan v on v.plan_id = p.plan_id
join invoice i on i.account_id = p.account_id and i.kind = 'invoice' and i.currency = v.currency and i.period_interval = v.period_interval
  and i.anchor_day = v.anchor_day
where p.key_id = :key and p.since <= cast(:hour as timestamptz) and p.until > cast(:hour as timestamptz)
  and i.period_from <= cast(:hour as timestamptz) and i.period_to > cast(:hour as timestamptz)
