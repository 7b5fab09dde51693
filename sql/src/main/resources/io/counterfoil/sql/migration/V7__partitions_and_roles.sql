-- Months of usage ahead of their first hour, an index for 'by key, by period', and a way to make a month without owning the tables.

create or replace function create_usage_partition(month timestamptz) returns void language plpgsql as $$
declare
  first_day date := date_trunc('month', month at time zone 'UTC');
  next_month date := first_day + interval '1 month';
  name text := 'usage_hourly_' || to_char(first_day, 'YYYYMM');
begin
  if to_regclass(name) is not null then
    return;
  end if;
  if first_day < '1990-01-01' or first_day >= '3000-01-01' then
    raise exception 'month is %, expected one from 1990 to 2999', first_day;
  end if;
  perform pg_advisory_xact_lock(hashtext('create_usage_partition'));
  -- Room on each page keeps the hourly upserts on it (HOT).
  execute format(
    'create table if not exists %I partition of usage_hourly for values from (%L) to (%L) with (fillfactor = 80)',
    name, first_day || ' 00:00:00+00', next_month || ' 00:00:00+00');
end $$;
comment on function create_usage_partition is
  'Makes a UTC month of usage_hourly where it is not there. The one change of tables that a rollup makes: it runs as their owner.';

-- Of whoever calls it, neither path nor date style counts.
do $$
begin
  execute format(
    'alter function create_usage_partition(timestamptz) security definer set search_path = %I, pg_temp set datestyle = ''ISO''',
    current_schema());
end $$;
revoke execute on function create_usage_partition(timestamptz) from public;

do $$
begin
  perform create_usage_partition((date_trunc('month', now() at time zone 'UTC') + ahead * interval '1 month') at time zone 'UTC')
  from generate_series(0, 2) ahead;
end $$;

-- By key, by period. 'By hour' is the primary key. No measure is in either: updates of them stay HOT.
create index usage_hourly_key on usage_hourly (key_id, hour);
