-- How many hours of a time hold its bill back: those that are not complete. Before anything was known, hours in which nothing was counted do
-- not: no edge and no source was there. Parameters: from, to (exclusive). hour_is_complete is asked only where anything could hold one back.
with known as (
  select hours_begin() as first
), counted_before as (
  select distinct u.hour
  from usage_hourly u, known k
  where u.hour >= cast(:from as timestamptz) and u.hour < least(cast(:to as timestamptz), k.first)
)
select case
  when k.first is not null
    and not exists (select from counted_before)
    and not exists (
      select from edge_roster r
      where r.since < cast(:to as timestamptz) and coalesce(r.until, 'infinity') > cast(:from as timestamptz)
        and r.through < least(cast(:to as timestamptz), coalesce(r.until, 'infinity')))
    and not exists (
      select from source s
      where s.since < cast(:to as timestamptz) and coalesce(s.closed_through, '-infinity') < cast(:to as timestamptz)) then 0
  else (
    select count(*)
    from generate_series(cast(:from as timestamptz), cast(:to as timestamptz) - interval '1 hour', interval '1 hour') h
    where not hour_is_complete(h) and (k.first is null or h >= k.first or h in (select hour from counted_before)))
  end as hours
from known k
