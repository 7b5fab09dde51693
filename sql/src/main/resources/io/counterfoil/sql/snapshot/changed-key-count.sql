-- Grain: the database. How many rows snapshot/keys.sql gives after a version above 0. Parameter: since.
select count(*) from api_key k join api_key_secret s using (key_id) where k.version > :since
