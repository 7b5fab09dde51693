-- Grain: a document that a target took, or that is in doubt. Parameter: target. What another database noted, of which this one is a copy, is
-- in doubt, and its version is none of this one's.
select p.document, p.expires_at, p.pushed_at,
  case when own then p.version else 0 end as version,
  case when own then p.matter else decode(repeat('00', 32), 'hex') end as matter,
  case when own then p.figures else decode(repeat('00', 32), 'hex') end as figures,
  case when own then p.checked_at else 'epoch' end as checked_at
from flag_push p, lateral (select p.database_id = (select id from database_identity) as own) o
where p.target = :target
