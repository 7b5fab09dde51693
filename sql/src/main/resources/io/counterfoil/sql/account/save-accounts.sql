-- Sets those fields of accounts that the rows give; the others stay. Grain: account that changed. Parameters: fields (names of columns), names
-- and, arrays as long, a text for each field (null: none); now.
update account a set
  external_id = w.external_id, legal_name = w.legal_name, address = w.address, tax_id = w.tax_id, billing_email = w.billing_email,
  time_zone = w.time_zone, tax_name = w.tax_name, tax_percent = w.tax_percent, notice_thresholds = w.notice_thresholds,
  notice_email = w.notice_email,
  notice_email_since = case when w.notice_email is not distinct from a.notice_email then a.notice_email_since
    when w.notice_email is not null then :now::timestamptz end
from (
  select o.account_id,
    case when 'external_id' = any (:fields) then g.external_id else o.external_id end as external_id,
    case when 'legal_name' = any (:fields) then g.legal_name else o.legal_name end as legal_name,
    case when 'address' = any (:fields) then g.address else o.address end as address,
    case when 'tax_id' = any (:fields) then g.tax_id else o.tax_id end as tax_id,
    case when 'billing_email' = any (:fields) then g.billing_email else o.billing_email end as billing_email,
    case when 'time_zone' = any (:fields) then coalesce(g.time_zone, 'UTC') else o.time_zone end as time_zone,
    case when 'tax_name' = any (:fields) then g.tax_name else o.tax_name end as tax_name,
    case when 'tax_percent' = any (:fields) then g.tax_percent::numeric else o.tax_percent end as tax_percent,
    case when 'thresholds' = any (:fields) then string_to_array(g.thresholds, ' ')::int[] else o.notice_thresholds end
      as notice_thresholds,
    case when 'notice_email' = any (:fields) then g.notice_email else o.notice_email end as notice_email
  from unnest(:names::text[], :external_id::text[], :legal_name::text[], :address::text[], :tax_id::text[], :billing_email::text[],
      :time_zone::text[], :tax_name::text[], :tax_percent::text[], :thresholds::text[], :notice_email::text[])
    g (name, external_id, legal_name, address, tax_id, billing_email, time_zone, tax_name, tax_percent, thresholds, notice_email)
  join account o on o.name = g.name) w
where a.account_id = w.account_id
  and (a.external_id, a.legal_name, a.address, a.tax_id, a.billing_email, a.time_zone, a.tax_name, a.tax_percent, a.notice_thresholds,
      a.notice_email)
    is distinct from (w.external_id, w.legal_name, w.address, w.tax_id, w.billing_email, w.time_zone, w.tax_name, w.tax_percent,
      w.notice_thresholds, w.notice_email)
returning a.name
