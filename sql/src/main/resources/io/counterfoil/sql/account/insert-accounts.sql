-- Grain: account that was not there. Parameters: names, now.
insert into account (name, created_at)
select name, :now from unnest(:names::text[]) with ordinality g (name, row_no) order by row_no
on conflict do nothing
returning name
