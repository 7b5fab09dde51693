-- Grain: the key of that label, locked against other changes. Parameters: labelHash (hex), now.
-- After control_version. No stronger lock: who inserts rows that name the key, under no control_version, may not have to wait for it.
select k.key_id, k.disabled_at is not null as disabled, coalesce(k.expires_at <= :now, false) as expired,
  (select count(*) from api_key_secret s where s.key_id = k.key_id) as secrets
from api_key k
where k.label_sha256 = decode(:labelHash, 'hex')
for no key update of k
