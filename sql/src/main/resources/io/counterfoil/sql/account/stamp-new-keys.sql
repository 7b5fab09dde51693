-- Stamps the keys that this transaction created (version 0); one without a plan gets its account's. Under control_version: its account's stands
-- still. Parameters: version.
update api_key k set version = :version, plan_id = coalesce(k.plan_id, (
  select s.plan_id from subscription s
  where s.account_id = k.account_id and s.key_id is null and s.replaced_at is null and s.in_effect
  order by s.since desc limit 1))
where version = 0
