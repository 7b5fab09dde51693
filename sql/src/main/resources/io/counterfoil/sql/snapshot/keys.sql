-- Grain: one secret of a key that was stamped after a version; after version 0 only what may be valid, else also what ended.
-- Parameters: since, a version, and now, a time: what expired more than a day before is left out of the whole.
-- Run by COPY, which binds nothing: KeyRowCopy writes both into it, a number and a time. As constants they cost nothing a row.
-- Call: psql -v since=0 -v now=2026-11-01T00:00:00Z -f keys.sql
select k.key_id, k.account_id, coalesce(k.plan_id, 0) as plan_id, k.label, s.sha256, k.disabled_at is null as active,
  floor(extract(epoch from least(k.expires_at, s.expires_at)) * 1000)::bigint as expires_ms,
  array_to_string(k.scopes, ' ') as scopes
from api_key k
join api_key_secret s using (key_id)
where k.version > :since
  and (:since > 0 or k.disabled_at is null)
  and (:since > 0 or k.expires_at is null or k.expires_at > :'now'::timestamptz - interval '1 day')
  and (:since > 0 or s.expires_at is null or s.expires_at > :'now'::timestamptz - interval '1 day')
order by k.key_id
