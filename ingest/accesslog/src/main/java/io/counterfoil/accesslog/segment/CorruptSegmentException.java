package io.counterfoil.accesslog.segment;

import io.counterfoil.accesslog.record.SegmentId;

/** A segment is not what its seal states; nothing of it may be used. */
public final class CorruptSegmentException extends Exception {
    private static final long serialVersionUID = 1L;

    public CorruptSegmentException(String message) {
        super(message);
    }

    public CorruptSegmentException(SegmentId id, String reason) {
        super("segment " + id + ": " + reason);
    }
}
