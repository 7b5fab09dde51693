-- Keeps the batch's rejects. Parameters: batch.
insert into reject (edge, epoch, stream, number, byte_position, batch_id, file, line, bytes, reason)
select s.edge, s.epoch, s.stream, s.number, s.byte_position, s.batch_id, s.file, s.line, s.bytes, s.reason
from accepted_reject s
where s.batch_id = :batch
order by s.edge, s.epoch, s.stream, s.number, s.byte_position
