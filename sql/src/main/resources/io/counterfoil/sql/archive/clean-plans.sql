-- Grain: one row an archive whose planned segments are all archived, whoever did it; its plan goes. Never by age: its run may be
-- frozen. No parameters.
delete from archive_segment p
where not exists (
  select from archive_segment other join ledger l using (edge, epoch, stream, number)
  where other.archive_id = p.archive_id and l.archive_id is null)
