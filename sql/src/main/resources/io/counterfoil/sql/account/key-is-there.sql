-- Whether an account has a key of that label, and of that secret where one is given. Parameters: account, label, sha256 (hex or null).
select exists (
  select from api_key k
  where k.account_id = :account and k.label = :label
    and (:sha256::text is null
      or exists (select from api_key_secret s where s.key_id = k.key_id and s.sha256 = decode(:sha256, 'hex'))))
