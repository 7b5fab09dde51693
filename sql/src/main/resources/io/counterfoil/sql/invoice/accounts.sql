-- Grain: account that ever had a subscription, in the order of their numbers. Parameters: after, a number; only, one account's number or
-- null; at_most.
select a.account_id, a.name, a.time_zone, a.tax_name, a.tax_percent, h.reason as held,
  jsonb_strip_nulls(jsonb_build_object('name', a.name, 'external_id', a.external_id, 'legal_name', a.legal_name, 'address', a.address,
    'tax_id', a.tax_id, 'billing_email', a.billing_email, 'time_zone', a.time_zone, 'tax_name', a.tax_name,
    'tax_percent', a.tax_percent::text))::text as buyer
from account a
left join invoice_hold h on h.account_id = a.account_id and h.released_at is null
where a.account_id > :after and (cast(:only as bigint) is null or a.account_id = :only)
  and exists (select from subscription s where s.account_id = a.account_id and s.replaced_at is null)
order by a.account_id
limit :at_most
