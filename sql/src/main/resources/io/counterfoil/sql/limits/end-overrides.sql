-- Ends the overrides whose time has come. Gives whose they were. Parameters: now, version.
update limit_override set ended_at = until, ended_by = 'its time', version = :version
where ended_at is null and until <= :now
returning key_id, account_id
