-- Asks that a counted segment's rejects be judged again; nothing where somebody asked already. Parameters: edge, epoch, stream,
-- number, sha256, seal, now, actor, why.
insert into repair (kind, edge, epoch, stream, number, seal, before, asked_at, actor, why)
select 'rejects', l.edge, l.epoch, l.stream, l.number, :seal, l.rejected || ' rejects', :now, :actor, :why
from ledger l
where (l.edge, l.epoch, l.stream, l.number) = (:edge, :epoch, :stream, :number) and l.verdict = 'counted'
  and l.sha256 = :sha256 and l.deleting_at is null
for update of l
on conflict (edge, epoch, stream, number) where batch_id is null do nothing
