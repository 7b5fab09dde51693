-- Lines that are no request, and why; never their text. Grain: reject. 'segment' is EDGE/EPOCH/STREAM/NUMBER; 'line' and 'byte' are of
-- 'file', the segment's own or, of an import, the foreign one (uncompressed).
-- Parameters: edge, an edge's or source's name; file; segment; each * for all.
-- Call: psql -v edge=blog -f rejects.sql
\if :{?edge}
\else
\set edge *
\endif
\if :{?file}
\else
\set file *
\endif
\if :{?segment}
\else
\set segment *
\endif
select
  r.edge || '/' || r.epoch || '/' || r.stream || '/' || r.number as segment,
  r.file,
  r.line,
  r.byte_position as byte,
  r.bytes,
  r.reason,
  to_char(b.committed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as rejected_at
from reject r
join batch b using (batch_id)
where :'edge' in ('*', r.edge) and :'file' in ('*', r.file)
  and :'segment' in ('*', r.edge || '/' || r.epoch || '/' || r.stream || '/' || r.number)
order by r.edge, r.epoch, r.stream, r.number, r.byte_position;
