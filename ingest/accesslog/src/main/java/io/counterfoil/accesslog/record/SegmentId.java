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

    /** @throws IllegalArgumentException where the text is not {@code edge/epoch/stream/number} */
    public static SegmentId parse(String text) {
        String[] part = text.split("/", -1);
        try {
            if (part.length == 4) {
                StreamId stream = new StreamId(part[0], Epoch.parse(part[1]), Integer.parseInt(part[2]));
                return new SegmentId(stream, Long.parseLong(part[3]));
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("segment is '" + text + "', expected numbers: " + e.getMessage(), e);
        }
        throw new IllegalArgumentException("segment is '" + text + "', expected edge/epoch/stream/number");
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
