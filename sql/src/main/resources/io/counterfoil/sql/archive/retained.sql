-- Marks the segments that may go from the landing: archived, every hour that they touch audited without a difference since, counted
-- before a time, no second look at them open. At most so many, oldest first. Parameters: before, now, max_segments.
update ledger l set deleting_at = :now
from (
  select edge, epoch, stream, number
  from ledger l
  join archive a using (archive_id)
  join batch b using (batch_id)
  where l.deleting_at is null and a.published_at is not null and b.committed_at < :before
    and not exists (
      select from repair r
      where r.batch_id is null and (r.edge, r.epoch, r.stream, r.number) = (l.edge, l.epoch, l.stream, l.number))
    and (l.counted = 0 or not exists (
      select from archive_file f
      left join hour_audit audited
        on audited.hour = f.hour and audited.archive_id >= l.archive_id and audited.differences = 0
      where f.archive_id = l.archive_id
        and f.hour between date_trunc('hour', timestamptz 'epoch' + l.first_ts_us * interval '1 microsecond', 'UTC')
          and timestamptz 'epoch' + l.last_ts_us * interval '1 microsecond'
        and audited.hour is null))
  order by batch_id, edge, epoch, stream, number
  limit :max_segments) old
where (l.edge, l.epoch, l.stream, l.number) = (old.edge, old.epoch, old.stream, old.number) and l.deleting_at is null
