-- Whether an account has a key of that label and that secret; without a secret, one that has none. Parameters: account, label,
-- sha256 (hex or null).
select exists (
  select from api_key k
  where k.account_id = :account and k.label = :label
    and case
      when :sha256::text is null then not exists (select from api_key_secret s where s.key_id = k.key_id)
      else exists (select from api_key_secret s where s.key_id = k.key_id and s.sha256 = decode(:sha256, 'hex'))
    end)
