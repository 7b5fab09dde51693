-- The group roles and exactly the rights that each needs; the owner is whoever migrates. Once more does no harm: rights that a role
-- no longer needs are taken back. Run after each migration by itself; by hand, as the tables' owner, where the owner may not create
-- roles and an administrator did ('create role counterfoil_jobs nologin', and so on). Whoever may create roles makes those missing.
-- Roles belong to the server, rights to this database: databases of one server share the roles.
-- A login: create role rollup login password '…' in role counterfoil_jobs.
-- Call: psql -f roles.sql, or counterfoil database grant
do $$
declare
  name text;
  a_table regclass;
begin
  perform pg_advisory_xact_lock(hashtext('counterfoil roles'));
  foreach name in array array['counterfoil_jobs', 'counterfoil_edge', 'counterfoil_report'] loop
    if not exists (select from pg_roles where rolname = name) then
      begin
        execute format('create role %I nologin', name);
      exception
        when insufficient_privilege then raise notice 'role % is not there, and % may not create it', name, current_user;
        when duplicate_object or unique_violation then null;
      end;
    end if;
    if exists (select from pg_roles where rolname = name) then
      if not has_schema_privilege(name, current_schema(), 'usage') then
        execute format('grant usage on schema %I to %I', current_schema(), name);
      end if;
      for a_table in
        select oid from pg_class
        where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'v') and not relispartition
          and relowner = (select oid from pg_roles where rolname = current_user)
      loop
        execute format('revoke all on %s from %I', a_table, name);
      end loop;
      execute format('revoke all on function create_usage_partition(timestamptz), fold_ledger(int), over_limit(timestamptz) from %I', name);
    end if;
  end loop;

  -- An edge: loads snapshots, tells callers what they used, and says that it began. LISTEN asks for no right.
  if exists (select from pg_roles where rolname = 'counterfoil_edge') then
    grant select on control_version, database_identity, api_key, api_key_secret, plan_limit, limit_override, flag to counterfoil_edge;
    grant select on usage_hourly, limit_usage, stream_mark, source_instance to counterfoil_edge;
    -- No address of anyone, and no price.
    grant select (account_id, name) on account to counterfoil_edge;
    grant select (plan_id, name, version, billable_outcomes) on plan to counterfoil_edge;
    grant select, insert on edge_roster to counterfoil_edge;
    grant update (since, through, first_epoch) on edge_roster to counterfoil_edge;
  end if;

  -- Reports: usage, hours, rejects, quarantine. Not the list of keys, which counts their secrets.
  if exists (select from pg_roles where rolname = 'counterfoil_report') then
    grant select on counterfoil_migration, usage_hourly, account, api_key, plan, plan_limit, limit_override, limit_usage, flag, notice,
      notice_delivery, hour_status, edge_roster, edge_epoch, stream_coverage, source, source_instance, source_hour, control_total, ledger, ledger_run, batch, reject,
      repair, limit_crossing, overshoot, subscription, subscription_span, key_plan, seller, invoice, invoice_line, invoice_hold,
      usage_restatement, stripe_batch, stripe_sent to counterfoil_report;
  end if;

  -- Rollup, archive, audit, delivery of notices. Imports, which look callers up by their secrets, and every decision of a person are the owner's.
  if exists (select from pg_roles where rolname = 'counterfoil_jobs') then
    grant select on counterfoil_migration, database_identity, control_version, account, api_key, plan, plan_limit, limit_override to counterfoil_jobs;
    grant update on control_version to counterfoil_jobs;
    grant select, insert, delete on batch_segment, staged_usage, staged_segment, staged_reject, reject to counterfoil_jobs;
    grant select, insert on batch, batch_attempt, ledger to counterfoil_jobs;
    grant select on ledger_run to counterfoil_jobs;
    grant update (committed_at) on batch to counterfoil_jobs;
    grant update (batch_id, verdict, reason, counted, rejected, archive_id, deleting_at, deleted_at) on ledger to counterfoil_jobs;
    grant select, insert, update on usage_hourly, limit_usage, flag, stream_mark, edge_roster, edge_epoch, stream_coverage, source,
      source_instance, source_hour, hour_status, archive, hour_audit to counterfoil_jobs;
    grant select, insert on notice to counterfoil_jobs;
    grant select, insert, delete on limit_crossing, overshoot to counterfoil_jobs;
    grant update (fanned_at) on notice to counterfoil_jobs;
    grant select, insert, update on notice_delivery to counterfoil_jobs;
    grant select on webhook_endpoint to counterfoil_jobs;
    -- A receiver that answers 410 is sent nothing more.
    grant update (disabled_at, disabled_reason, decided_by) on webhook_endpoint to counterfoil_jobs;
    grant update (ended_at, ended_by, version) on limit_override to counterfoil_jobs;
    grant delete on hour_audit, limit_usage, flag to counterfoil_jobs;
    grant select on repair, accepted_usage, accepted_segment, accepted_reject to counterfoil_jobs;
    grant update (batch_id, judged_at, counted, fault) on repair to counterfoil_jobs;
    grant insert on completeness_decision to counterfoil_jobs;
    grant select, insert, update, delete on archive_segment, archive_file to counterfoil_jobs;
    grant select, insert, update, delete on flag_push to counterfoil_jobs;
    -- Invoices: no update and no delete, of anyone but by triggers refused too.
    grant select, insert on invoice, invoice_line, usage_restatement, stripe_batch, stripe_sent to counterfoil_jobs;
    -- Once its file is on disk.
    grant update (written_at) on stripe_batch to counterfoil_jobs;
    grant select on subscription, subscription_span, key_plan, seller, invoice_hold to counterfoil_jobs;
    grant update (in_effect) on subscription to counterfoil_jobs;
    grant update (plan_id, version) on api_key to counterfoil_jobs;
    -- over_limit: the hashes of keys that are over a limit, which are what is pushed. No wall: who writes flags can flag any key.
    grant execute on function create_usage_partition(timestamptz), fold_ledger(int), over_limit(timestamptz) to counterfoil_jobs;
  end if;
end $$;
