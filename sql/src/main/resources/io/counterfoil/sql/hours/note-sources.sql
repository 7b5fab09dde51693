-- What the seals of the batch say of their sources: how sure their logs are, what waits for its key, whose clock is off. After
-- open-sources. Parameters: batch, now.
update source s set
  grade = case when c.collected and s.grade = 'gap-detectable' then 'gap-detectable' else 'best-effort' end,
  held = s.held + c.held,
  skew_us = coalesce(c.skew_us, s.skew_us),
  skewed_at = case when abs(c.skew_us) > 60000000 then :now else s.skewed_at end
from (
  select l.edge, bool_and(l.collected) as collected,
    coalesce(sum((b.seal->'source'->'collected'->>'held')::bigint), 0)::bigint as held,
    (array_agg((b.seal->'source'->'collected'->>'skew_us')::bigint
      order by abs((b.seal->'source'->'collected'->>'skew_us')::bigint) desc nulls last))[1] as skew_us
  from ledger l
  join batch_segment b using (batch_id, edge, epoch, stream, number)
  where l.batch_id = :batch and l.imported and l.verdict = 'counted'
  group by l.edge) c
where s.source = c.edge
