-- Grain: the seller, as an invoice keeps it, a JSON object.
select jsonb_strip_nulls(jsonb_build_object('name', name, 'address', address, 'tax_id', tax_id, 'email', email))::text
from seller
