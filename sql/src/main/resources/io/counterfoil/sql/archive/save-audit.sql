-- Keeps how an hour's audit ended, unless something made it void since it began. Parameters: hour, now, archive, revision, records,
-- differences.
insert into hour_audit as a (hour, audited_at, archive_id, revision, records, differences)
values (:hour, :now, :archive, :revision, :records, :differences)
on conflict (hour) do update set
  audited_at = excluded.audited_at, archive_id = excluded.archive_id, records = excluded.records, differences = excluded.differences
  where a.revision = excluded.revision
