-- Grain: the key of that label, locked against other changes. Parameters: labelHash (hex), now.
-- No stronger lock: nobody who holds control_version, which the change takes next, may have to wait for the key.
select k.key_id, k.disabled_at is not null as disabled, coalesce(k.expires_at <= :now, false) as expired,
  (select count(*) from api_key_secret s where s.key_id = k.key_id) as secrets
from api_key k
where k.label_sha256 = decode(:labelHash, 'hex')
for no key update of k
