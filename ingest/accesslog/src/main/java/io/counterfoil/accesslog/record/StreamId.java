package io.counterfoil.accesslog.record;

import java.util.Comparator;
import java.util.Objects;
import java.util.regex.Pattern;

/** Whose records these are: an edge (or an imported source), one of its epochs, one of that epoch's streams. */
public record StreamId(String edge, Epoch epoch, int stream) implements Comparable<StreamId> {
    /** What an edge or an imported source may be called. */
    public static final Pattern EDGE_NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

    private static final Comparator<StreamId> ORDER =
            Comparator.comparing(StreamId::edge).thenComparing(StreamId::epoch).thenComparingInt(StreamId::stream);

    public StreamId {
        Objects.requireNonNull(epoch, "epoch");
        if (!EDGE_NAME.matcher(edge).matches()) {
            throw new IllegalArgumentException(
                    "edge name is '" + edge + "', expected 1 to 64 of a-z 0-9 . _ - and no sign at the start");
        }
        if (stream < 0 || stream > 999) {
            throw new IllegalArgumentException("stream is " + stream + ", expected 0 to 999");
        }
    }

    @Override
    public int compareTo(StreamId other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return edge + "/" + epoch + "/" + stream;
    }
}
