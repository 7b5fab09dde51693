-- Takes back marks of this moment on segments at which somebody asked for a second look while they were being marked: marking waited
-- for that, and did not see it. Parameters: now.
update ledger l set deleting_at = null
where l.deleting_at = :now and l.deleted_at is null and exists (
  select from repair r
  where r.batch_id is null and (r.edge, r.epoch, r.stream, r.number) = (l.edge, l.epoch, l.stream, l.number))
