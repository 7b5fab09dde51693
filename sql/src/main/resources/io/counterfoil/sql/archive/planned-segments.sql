-- Grain: one row a segment that the archive's plan holds, in order of time: what is written together is of few hours.
-- Parameters: archive.
select edge, epoch, stream, number,
  greatest(last_seq - first_seq + 1, 0) as records, coalesce(bytes, 0) as bytes, sha256
from archive_segment join ledger using (edge, epoch, stream, number)
where archive_segment.archive_id = :archive
order by first_ts_us, edge, epoch, stream, number
