-- How many hours of a time are not complete. Parameters: from, to (exclusive). As hour_is_complete says, asked of each hour only where
-- anything could hold one back.
select case
  when cast(:from as timestamptz) >= hours_begin()
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
    where not hour_is_complete(h))
  end as hours
