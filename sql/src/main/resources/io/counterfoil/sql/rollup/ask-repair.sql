-- Asks that a quarantined segment be counted by a copy that lies in the landing; nothing where it is not quarantined, its seal is
-- another one than was judged, or somebody asked already. Parameters: edge, epoch, stream, number, sha256, copy, seal, now, actor,
-- why.
insert into repair (kind, edge, epoch, stream, number, copy, seal, before, asked_at, actor, why)
select 'segment', l.edge, l.epoch, l.stream, l.number, :copy, :seal, l.reason, :now, :actor, :why
from ledger l
where (l.edge, l.epoch, l.stream, l.number) = (:edge, :epoch, :stream, :number) and l.verdict = 'quarantined'
  and l.sha256 = :sha256
for update of l
on conflict (edge, epoch, stream, number) where batch_id is null do nothing
