-- Grain: change that stands already and would change nothing, by its place (from 1). Under control_version.
-- Parameters: accounts, keys (0: the account itself), hours (since 1970), plans (0: none), arrays of one length.
select g.row_no
from unnest(:accounts::bigint[], :keys::bigint[], :hours::bigint[], :plans::bigint[]) with ordinality
  g (account_id, key_no, hour_no, plan_no, row_no)
-- Each way for itself: by an index each.
where exists (
    select from subscription s
    where g.key_no <> 0 and s.key_id = g.key_no and s.since = to_timestamp(g.hour_no * 3600) and s.replaced_at is null
      and s.plan_id is not distinct from nullif(g.plan_no, 0))
  or exists (
    select from subscription s
    where g.key_no = 0 and s.account_id = g.account_id and s.key_id is null and s.since = to_timestamp(g.hour_no * 3600)
      and s.replaced_at is null and s.plan_id is not distinct from nullif(g.plan_no, 0))
