-- As insert-plan-version.sql, of a version that is there; the database refuses it of one in use. Parameters: plan (number), definition.
update plan set definition = d, period_interval = d ->> 'interval', anchor_day = (d ->> 'anchor_day')::int, currency = d ->> 'currency',
  billable_outcomes = array(select jsonb_array_elements_text(d -> 'billable')),
  notice_thresholds = array(select jsonb_array_elements_text(d -> 'thresholds')::int)
from (select :definition::jsonb as d) given
where plan_id = :plan and name = d ->> 'plan' and version = (d ->> 'version')::int
