package io.counterfoil.accesslog.segment;

import io.counterfoil.accesslog.record.CorruptRecordException;
import io.counterfoil.accesslog.record.RecordCursor;

/** Sees each record of a segment while it is verified. */
@FunctionalInterface
public interface RecordVisitor {
    /**
     * @param at stands on the record; moving it is not the visitor's
     * @throws CorruptRecordException where a column cannot be read: the segment is corrupt
     */
    void visit(RecordCursor at) throws CorruptRecordException;
}
