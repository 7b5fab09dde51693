-- Gives the number of a new version; its columns are what its definition says, and cannot say anything else. Parameters: definition (JSON as
-- 'plan apply' writes it), now.
insert into plan (name, version, definition, period_interval, anchor_day, currency, billable_outcomes, notice_thresholds, created_at)
select d ->> 'plan', (d ->> 'version')::int, d, d ->> 'interval', (d ->> 'anchor_day')::int, d ->> 'currency',
  array(select jsonb_array_elements_text(d -> 'billable')), array(select jsonb_array_elements_text(d -> 'thresholds')::int), :now
from (select :definition::jsonb as d) given
returning plan_id
