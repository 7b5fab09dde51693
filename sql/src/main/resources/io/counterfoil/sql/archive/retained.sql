-- Marks the segments that may go from the landing: archived, every hour that they touch audited without a difference since, counted
-- before a time. At most so many, oldest first. Parameters: before, now, max_segments.
update ledger l set deleting_at = :now
from (
  select edge, epoch, stream, number
  from ledger l
  join archive a using (archive_id)
  join batch b using (batch_id)
  where l.deleting_at is null and a.published_at is not null and b.committed_at < :before
    and (l.counted = 0 or not exists (
      select from generate_series(
        date_trunc('hour', timestamptz 'epoch' + l.first_ts_us * interval '1 microsecond', 'UTC'),
        timestamptz 'epoch' + l.last_ts_us * interval '1 microsecond', interval '1 hour') h
      join archive_file f on f.hour = h and f.archive_id = l.archive_id
      left join hour_audit audited on audited.hour = h and audited.archive_id >= l.archive_id and audited.differences = 0
      where audited.hour is null))
  order by batch_id, edge, epoch, stream, number
  limit :max_segments) old
where (l.edge, l.epoch, l.stream, l.number) = (old.edge, old.epoch, old.stream, old.number) and l.deleting_at is null
