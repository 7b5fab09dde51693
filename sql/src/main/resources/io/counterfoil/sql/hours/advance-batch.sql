-- Grain: one row. From when on the batch's edges are proven further than before; null where none is. Parameters: batch, now.
select min(m.moved_from)
from (select distinct edge from ledger where batch_id = :batch and not imported order by edge) e
cross join lateral advance_coverage(e.edge, :now) m
