-- Whether a segment that the batch put into the ledger is in a run: its row was folded before that. In a statement after the ledger's
-- insert, which may have waited for the one that folded it. Grain: one row. Parameters: batch.
select exists (
  select from ledger l
  join ledger_run r on (r.edge, r.epoch, r.stream) = (l.edge, l.epoch, l.stream) and l.number between r.first_number and r.last_number
  where l.batch_id = :batch)
