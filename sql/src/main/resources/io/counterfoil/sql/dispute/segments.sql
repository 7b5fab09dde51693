-- Grain: counted segment that lies in the landing and has records of a time, in the order of their first. Parameters: from_us, to_us
-- (exclusive), microseconds.
select edge, epoch, stream, number, batch_id, rejected, first_ts_us, last_ts_us
from ledger
where verdict = 'counted' and deleting_at is null and last_seq >= first_seq and last_ts_us >= :from_us and first_ts_us < :to_us
order by first_ts_us, edge, epoch, stream, number
