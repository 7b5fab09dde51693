-- Of changes that stand at the hour of a given one of the same account or key, those of another plan give way. Rows stay. Under control_version.
-- Parameters: accounts, keys (0: the account itself), hours (since 1970), plans (0: none), arrays of one length; now.
with given as (
  select account_id, nullif(key_no, 0) as key_id, to_timestamp(hour_no * 3600) as since, nullif(plan_no, 0) as plan_id
  from unnest(:accounts::bigint[], :keys::bigint[], :hours::bigint[], :plans::bigint[]) g (account_id, key_no, hour_no, plan_no)
), standing as (
  -- Each way for itself: by an index each.
  select s.subscription_id, s.plan_id, g.plan_id as wanted
  from given g join subscription s on s.key_id = g.key_id and s.since = g.since and s.replaced_at is null
  union all
  select s.subscription_id, s.plan_id, g.plan_id
  from given g join subscription s on s.account_id = g.account_id and s.key_id is null and s.since = g.since and s.replaced_at is null
  where g.key_id is null
)
update subscription set replaced_at = :now
where subscription_id in (select subscription_id from standing where plan_id is distinct from wanted)
