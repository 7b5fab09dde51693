-- Grain: a document that a target took. Parameters: target, document, version, matter, figures, expires_at, pushed_at, checked_at, and force:
-- whether a later version may be replaced. Changes no row where a later version of this database's stands.
insert into flag_push (target, document, database_id, version, matter, figures, expires_at, pushed_at, checked_at)
values (:target, :document, (select id from database_identity), :version, :matter, :figures, cast(:expires_at as timestamptz), :pushed_at, :checked_at)
on conflict (target, document) do update set
  database_id = excluded.database_id, version = excluded.version, matter = excluded.matter, figures = excluded.figures, expires_at = excluded.expires_at,
  pushed_at = excluded.pushed_at, checked_at = excluded.checked_at
  where flag_push.version <= excluded.version or flag_push.database_id <> excluded.database_id or :force
