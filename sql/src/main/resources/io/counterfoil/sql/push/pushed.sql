-- Grain: a document that a target took. Parameter: target.
select document, version, matter, figures, expires_at, pushed_at, checked_at from flag_push where target = :target
