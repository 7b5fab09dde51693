-- Grain: row that cannot be taken, with why: 'external_id', another account's; 'time_zone', of an account that has a final invoice. After
-- control_version was taken where time zones are given. Parameters: fields (those that the rows give), names, external_ids, time_zones
-- (null: none).
select g.row_no, 'external_id' as field, g.external_id as value, a.name as other, null::bigint as invoice
from unnest(:names::text[], :external_ids::text[]) with ordinality g (name, external_id, row_no)
join account a on a.external_id = g.external_id and a.name <> g.name
where 'external_id' = any (:fields) and a.name <> all (:names::text[])
union all
select g.row_no, 'time_zone', coalesce(g.time_zone, 'UTC'), a.time_zone, (
  select min(i.number) from invoice i where i.account_id = a.account_id and i.kind = 'invoice')
from unnest(:names::text[], :time_zones::text[]) with ordinality g (name, time_zone, row_no)
join account a on a.name = g.name and a.time_zone <> coalesce(g.time_zone, 'UTC')
where 'time_zone' = any (:fields)
  and exists (select from invoice i where i.account_id = a.account_id and i.kind = 'invoice')
order by 1
