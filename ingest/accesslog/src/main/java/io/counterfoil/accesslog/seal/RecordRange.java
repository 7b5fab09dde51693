package io.counterfoil.accesslog.seal;

/**
 * Which records a segment holds. An empty one holds none: {@code lastSeq} is one below {@code firstSeq}, both times are 0.
 *
 * @param firstMicros earliest time of a record (for an edge, the first one's); UTC microseconds
 * @param lastMicros latest time of a record
 */
public record RecordRange(long count, long firstSeq, long lastSeq, long firstMicros, long lastMicros) {
    public RecordRange {
        if (count < 0 || firstSeq < 1 || lastSeq - firstSeq + 1 != count) {
            throw new IllegalArgumentException(count + " records with seq " + firstSeq + " to " + lastSeq
                    + ": the count must be that of the range");
        }
        if (firstMicros > lastMicros) {
            throw new IllegalArgumentException("first time " + firstMicros + " is after the last " + lastMicros);
        }
    }

    /** No records; the stream goes on at nextSeq. */
    public static RecordRange empty(long nextSeq) {
        return new RecordRange(0, nextSeq, nextSeq - 1, 0, 0);
    }
}
