-- Grain: a flag that warns or refuses, a live key that it holds for, and a live secret of that key (null: it has none). Parameter: at, a time.
-- Call: psql -v at="'2026-11-01T12:30:00Z'" -f over-limit.sql
select limit_id, key_id, label, encode(sha256, 'hex') as sha256, scope, time_window, measure, action, quota, used,
  floor(extract(epoch from as_of))::bigint as as_of, ceil(extract(epoch from resets_at))::bigint as resets_at
from over_limit(:at)
order by key_id, sha256, limit_id
