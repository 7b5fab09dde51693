-- What makes an hour's audits void is counted: an audit that began before it must not stand.

alter table hour_audit add column revision bigint not null default 0;
comment on column hour_audit.revision is 'Counts the merges that added to the hour without a new archive: an audit of an earlier one is void.';
comment on column hour_audit.archive_id is 'All of the archive up to here was recounted. -1: none, the last audit is void.';
