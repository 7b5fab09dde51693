-- What callers are told of their own use: it must cost nothing, and count towards nothing.

create function is_metered(route text) returns boolean language sql immutable parallel safe as $$
  select route not like 'counterfoil.%'
$$;
comment on function is_metered is
  'Whether requests of that route may count towards limits and bills. Those of the edge''s own routes are logged and counted, no more.';

create function quota_in_force(limit_number bigint, key_number bigint, account_number bigint, at timestamptz) returns bigint
  language sql stable parallel safe as $$
  select coalesce((
    select o.quota
    from limit_override o
    where o.ended_at is null and (o.until is null or o.until > at)
      and o.time_window = l.time_window and o.measure = l.measure and coalesce(o.action, l.action) = l.action
      and (o.account_id = account_number or (l.scope = 'key' and o.key_id = key_number))
    order by o.key_id is null, o.override_id desc
    limit 1), l.quota)
  from plan_limit l
  where l.limit_id = limit_number
$$;
comment on function quota_in_force is
  'Of a limit, for a key (null: for its account as a whole): an override''s where one is in force, else the plan''s.';
