package io.counterfoil.jobs.archive;

import io.counterfoil.accesslog.record.LogRecord;
import io.counterfoil.sql.rollup.SegmentKey;

/** A record, and the segment that it was sealed in. */
public record PlacedRecord(SegmentKey segment, LogRecord record) {}
