-- How much the usage of some hours is: what an export of them must add up to. Grain: one row.
-- Parameters: from (inclusive) and to (exclusive), UTC.
-- Call: :from = '2026-10-01T00:00:00Z', :to = '2026-10-02T00:00:00Z'
select
  count(*) as rows,
  coalesce(sum(requests), 0) as requests,
  coalesce(sum(units), 0) as units,
  coalesce(sum(bytes_in), 0) as bytes_in,
  coalesce(sum(bytes_out), 0) as bytes_out,
  coalesce(sum(duration_us), 0) as duration_us
from usage_hourly
where hour >= cast(:from as timestamptz) and hour < cast(:to as timestamptz)
