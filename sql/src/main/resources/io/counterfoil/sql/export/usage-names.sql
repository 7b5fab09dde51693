-- One text that is another one as soon as any key or account is called something else. Grain: one row. No parameters.
-- Call: psql -f usage-names.sql
select count(*) || ' ' || coalesce(sum(hashtextextended(
  jsonb_build_array(k.key_id, k.label, a.name, a.external_id)::text, 0)::numeric), 0) as names
from api_key k
join account a on a.account_id = k.account_id
