-- Puts subscriptions whose hour has come in effect, and their keys on the version of a plan that is in force: the key's own, else its
-- account's. Under control_version, whose next value is what they are stamped with: of an account's 400,000 keys a second update only to
-- stamp them takes as long as the first one. Grain: key whose plan changed. Parameters: now.
with due as (
  update subscription set in_effect = true
  where not in_effect and replaced_at is null and since <= :now::timestamptz
  returning account_id, key_id
), touched as (
  select key_id from due where key_id is not null
  union
  select k.key_id from due d join api_key k using (account_id) where d.key_id is null
), wanted as materialized (
  -- What is in effect already counts as come, whatever the clock says: clocks of two programs differ.
  select k.key_id, coalesce(
    (select s.plan_id from subscription s
      where s.key_id = k.key_id and s.replaced_at is null and (s.in_effect or s.since <= :now::timestamptz)
      order by s.since desc limit 1),
    (select s.plan_id from subscription s
      where s.account_id = k.account_id and s.key_id is null and s.replaced_at is null and (s.in_effect or s.since <= :now::timestamptz)
      order by s.since desc limit 1)) as plan_id
  from touched join api_key k using (key_id)
)
update api_key k set plan_id = w.plan_id, version = c.v + 1
from wanted w, control_version c
where k.key_id = w.key_id and k.plan_id is distinct from w.plan_id
returning k.key_id, k.account_id
