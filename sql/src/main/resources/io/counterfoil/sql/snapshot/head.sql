-- Grain: the database. Which one it is and its present version.
select v as version, (select id::text from database_identity) as database from control_version
