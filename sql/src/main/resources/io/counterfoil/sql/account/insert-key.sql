-- Grain: the key, where its label was free. Version 0: stamped later in the same transaction.
-- Parameters: account, plan, label, labelHash (hex), scopes, expiresAt, now.
insert into api_key (account_id, plan_id, label, label_sha256, scopes, expires_at, created_at, version)
values (:account, :plan, :label, decode(:labelHash, 'hex'), :scopes, :expiresAt, :now, 0)
on conflict do nothing
returning key_id
