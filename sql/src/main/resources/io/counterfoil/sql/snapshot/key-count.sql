-- Grain: the database. How many rows snapshot/keys.sql gives at most. Parameter: since.
select count(*) from api_key_secret s where :since = 0 or s.key_id in (select key_id from api_key where version > :since)
