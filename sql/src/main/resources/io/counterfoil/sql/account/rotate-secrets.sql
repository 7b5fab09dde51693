-- Ends the key's present secrets by a time; those that end before it stay as they are. Parameters: key, until.
update api_key_secret set expires_at = :until
where key_id = :key and (expires_at is null or expires_at > :until)
