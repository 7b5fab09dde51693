-- Once; where another run was first, nothing. The record's segment says when it was sealed and counted.
-- Parameters: limit, subject, window_start, quota, crossed_at (null: it cannot be told), edge, epoch, stream, number, fault, now.
insert into limit_crossing (limit_id, subject_id, window_start, quota, crossed_at, sealed_at, counted_at, fault, told_at)
select :limit, :subject, :window_start, :quota, cast(:crossed_at as timestamptz), time_of_micros(s.through_us), s.committed_at,
  cast(:fault as text), :now
from (values (1)) one
left join (
  select l.through_us, b.committed_at
  from ledger l join batch b using (batch_id)
  where (l.edge, l.epoch, l.stream, l.number) = (:edge, :epoch, :stream, :number)) s on true
on conflict do nothing
