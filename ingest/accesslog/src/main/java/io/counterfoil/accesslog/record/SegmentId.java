package io.counterfoil.accesslog.record;

import java.util.Comparator;

/** A segment's name: its stream and its number there, contiguous from 1. */
public record SegmentId(StreamId stream, long number) implements Comparable<SegmentId> {
    private static final Comparator<SegmentId> ORDER =
            Comparator.comparing(SegmentId::stream).thenComparingLong(SegmentId::number);

    public SegmentId {
        if (number < 1) {
            throw new IllegalArgumentException("segment number is " + number + ", expected 1 or more");
        }
    }

    @Override
    public int compareTo(SegmentId other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return stream + "/" + number;
    }
}
