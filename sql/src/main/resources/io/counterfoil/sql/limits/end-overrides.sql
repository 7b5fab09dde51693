-- Ends the overrides whose time has come. Gives whose they were. Parameters: now, version.
update limit_override set ended_at = until, ended_by = 'its time', version = :version
where override_id in (
  -- One that somebody is just ending is left to them: they hold it, and wait for control_version.
  select override_id from limit_override where ended_at is null and until <= :now for update skip locked)
returning key_id, account_id
