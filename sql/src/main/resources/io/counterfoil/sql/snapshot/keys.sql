-- Grain: one key that an edge can be shown, stamped after a version. Parameters: since.
select key_id, account_id, label, sha256, disabled_at is null as active
from api_key
where version > :since and sha256 is not null
order by key_id
