-- Hours that were complete and that the batch adds to. Parameters: batch, now.
update hour_status set revised_at = :now
where hour in (
  select s.hour from accepted_usage s where s.batch_id = :batch)
