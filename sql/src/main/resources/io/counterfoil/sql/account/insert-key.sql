-- Grain: the key, where its label was free. Version 0: stamped later in the same transaction.
-- Parameters: account, plan, label, labelHash (hex), external_id, scopes, expiresAt, disabled, now.
insert into api_key (account_id, plan_id, label, label_sha256, external_id, scopes, expires_at, disabled_at, created_at, version)
values (:account, :plan, :label, decode(:labelHash, 'hex'), :external_id, :scopes, :expiresAt,
  case when :disabled then :now::timestamptz end, :now, 0)
on conflict do nothing
returning key_id
