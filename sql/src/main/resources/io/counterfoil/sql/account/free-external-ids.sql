-- Takes the external ids away that are to change, so that two accounts can change theirs for one another's. Grain: account. Parameters: names, external_ids.
update account a set external_id = null
from unnest(:names::text[], :external_ids::text[]) g (name, external_id)
where a.name = g.name and a.external_id is not null and a.external_id is distinct from g.external_id
returning a.name
