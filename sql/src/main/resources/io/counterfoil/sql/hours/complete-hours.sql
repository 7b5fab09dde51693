-- Notes the hours that are complete and were not before: from a time on at which something was mended, and all behind the last
-- one noted, since some only wait for their end; up to where something holds back every later hour. Parameters: since (may be null),
-- now.
insert into hour_status (hour, completed_at)
select h.hour, :now
from generate_series(
  date_trunc('hour', greatest(hours_begin(), least(:since::timestamptz,
    coalesce((select max(hour) + interval '1 hour' from hour_status), hours_begin()))), 'UTC'),
  least(:now::timestamptz,
    (select min(through) from edge_roster where until is null),
    (select min(greatest(since, coalesce(closed_through, since))) from source where closed_through is distinct from 'infinity'))
    - interval '1 hour',
  interval '1 hour') h (hour)
where not exists (select from hour_status s where s.hour = h.hour) and hour_is_complete(h.hour)
order by h.hour
on conflict (hour) do nothing
