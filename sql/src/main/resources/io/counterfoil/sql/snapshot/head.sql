-- Grain: the database. Which one it is, its present version, and how many keys the planner thinks it has (-1, never asked, as 0).
select v as version, (select id::text from database_identity) as database,
  (select greatest(reltuples, 0)::bigint from pg_class where oid = 'api_key'::regclass) as estimated_keys
from control_version
