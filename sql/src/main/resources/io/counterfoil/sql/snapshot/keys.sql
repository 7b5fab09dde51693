-- Grain: one secret of a key that was stamped after a version; after version 0 only what may be valid, else also what ended.
-- Parameters: since, and now, before which what expired more than a day ago is left out of the whole.
select k.key_id, k.account_id, k.label, s.sha256, k.disabled_at is null as active,
  floor(extract(epoch from least(k.expires_at, s.expires_at)) * 1000)::bigint as expires_ms,
  nullif(array_to_string(k.scopes, ' '), '') as scopes
from api_key k
join api_key_secret s using (key_id)
where k.version > :since
  and (:since > 0 or (k.disabled_at is null
    and coalesce(least(k.expires_at, s.expires_at), 'infinity') > :now::timestamptz - interval '1 day'))
order by k.key_id
