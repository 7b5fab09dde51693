-- Grain: a document that a target took. Parameters: target, document, version, matter, figures, expires_at, pushed_at, checked_at, and force:
-- whether a later version may be replaced. Changes no row where somebody else's later version stands.
insert into flag_push (target, document, version, matter, figures, expires_at, pushed_at, checked_at)
values (:target, :document, :version, :matter, :figures, cast(:expires_at as timestamptz), :pushed_at, :checked_at)
on conflict (target, document) do update set
  version = excluded.version, matter = excluded.matter, figures = excluded.figures, expires_at = excluded.expires_at,
  pushed_at = excluded.pushed_at, checked_at = excluded.checked_at
  where flag_push.version <= excluded.version or :force
