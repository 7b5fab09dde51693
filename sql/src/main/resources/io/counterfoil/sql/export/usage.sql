-- Usage as it is exported. Grain: UTC hour, key, route, outcome; in the order of usage_hourly's primary key, which is unique. account and
-- key are '-' where a request carried no valid key; a key that is not in this database stands as '#' and its number.
-- Parameters, as settings of the session, since COPY takes no others: counterfoil.export_from (inclusive), counterfoil.export_to
-- (exclusive), and counterfoil.export_formula: what in a text a spreadsheet would take for a formula, which gets an apostrophe before
-- it; empty: texts stay as they are.
-- Names are looked up and made safe once a key, not once a row: the planner remembers (Memoize) what 'offset 0' fences off.
-- Call: PGOPTIONS='-c counterfoil.export_from=2026-10-01T00:00:00Z -c counterfoil.export_to=2026-11-01T00:00:00Z
--   -c counterfoil.export_formula=' psql -f usage.sql
select
  to_char(u.hour at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as hour,
  coalesce(n.account, '-') as account,
  n.account_external_id,
  coalesce(n.key, case u.key_id when 0 then '-' else '#' || u.key_id end) as key,
  -- No comma, quote or control character is in a route: of what is dangerous, it can only begin so.
  case when left(u.route, 1) = any ('{=,+,-,@}') and u.route <> '-' and n.formula <> '' then '''' || u.route else u.route end as route,
  u.outcome,
  u.requests,
  u.units,
  u.bytes_in,
  u.bytes_out,
  u.duration_us
from usage_hourly u
left join lateral (
  select s.formula,
    case s.formula when '' then a.name else regexp_replace(a.name, s.formula, '''\&', 'g') end as account,
    case s.formula when '' then a.external_id else regexp_replace(a.external_id, s.formula, '''\&', 'g') end as account_external_id,
    case s.formula when '' then k.label else regexp_replace(k.label, s.formula, '''\&', 'g') end as key
  from (select current_setting('counterfoil.export_formula') as formula) s
  left join api_key k on k.key_id = u.key_id
  left join account a on a.account_id = k.account_id
  offset 0) n on true
where u.hour >= current_setting('counterfoil.export_from')::timestamptz
  and u.hour < current_setting('counterfoil.export_to')::timestamptz
order by u.hour, u.key_id, u.route collate "C", u.outcome collate "C"
