-- Hours that second looks add to are to be audited again: an audit knows new archives, and these come without one. Parameters: batch.
delete from hour_audit
where hour in (
  select s.hour from accepted_usage s where s.batch_id = :batch)
