package io.counterfoil.accesslog.record;

/** A log line that is not what an edge writes, with where it begins. */
public final class CorruptRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    private final long bytePosition;

    public CorruptRecordException(String reason, long bytePosition) {
        super(reason);
        this.bytePosition = bytePosition;
    }

    /** Of the line's first byte, counted from the segment's first byte. */
    public long bytePosition() {
        return bytePosition;
    }
}
