-- Gives the planned segments to the archive, those that no other has. Parameters: archive.
update ledger l set archive_id = p.archive_id
from archive_segment p
where p.archive_id = :archive and (l.edge, l.epoch, l.stream, l.number) = (p.edge, p.epoch, p.stream, p.number)
  and l.verdict = 'counted' and l.archive_id is null
