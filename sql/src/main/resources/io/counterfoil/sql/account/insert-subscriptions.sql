-- Grain: change that does not stand already; after replace-subscriptions.sql, under control_version.
-- Parameters: as there; also actors, reasons.
insert into subscription (account_id, key_id, since, plan_id, actor, reason, created_at)
select g.account_id, nullif(g.key_no, 0), to_timestamp(g.hour_no * 3600), nullif(g.plan_no, 0), g.actor, g.reason, :now
from unnest(:accounts::bigint[], :keys::bigint[], :hours::bigint[], :plans::bigint[], :actors::text[], :reasons::text[])
  with ordinality g (account_id, key_no, hour_no, plan_no, actor, reason, row_no)
where not exists (
    select from subscription s
    where g.key_no <> 0 and s.key_id = g.key_no and s.since = to_timestamp(g.hour_no * 3600) and s.replaced_at is null)
  and not exists (
    select from subscription s
    where g.key_no = 0 and s.account_id = g.account_id and s.key_id is null and s.since = to_timestamp(g.hour_no * 3600)
      and s.replaced_at is null)
order by g.row_no
