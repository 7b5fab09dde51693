-- Hours that second looks add to are to be audited again, also by an audit that is at it just now: an audit knows new archives, and
-- these come without one. -1 is no archive's number. Parameters: batch.
insert into hour_audit as a (hour, audited_at, archive_id, revision, records, differences)
select s.hour, b.planned_at, -1, 1, 0, 0
from accepted_usage s join batch b using (batch_id)
where s.batch_id = :batch
group by 1, 2
order by 1
on conflict (hour) do update set archive_id = -1, revision = a.revision + 1
