package io.counterfoil.jobs.rollup;

import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What of a stream the ledger has not seen.
 *
 * @param stream edge/epoch/stream
 * @param bytes uncompressed
 * @param first the lowest segment number that waits
 * @param last the highest one that was looked at
 * @param unreadable why a seal could not be read; empty text where all could
 */
public record WaitingStream(
        String stream, long segments, long records, long bytes, long first, long last, String unreadable) {
    static List<WaitingStream> of(List<Seal> seals, List<String> unreadable) {
        SortedMap<StreamId, WaitingStream> streams = new TreeMap<>();
        for (Seal seal : seals) {
            long number = seal.id().number();
            WaitingStream one = new WaitingStream(
                    seal.id().stream().toString(), 1, seal.records().count(), seal.bytes(), number, number, "");
            streams.merge(seal.id().stream(), one, WaitingStream::plus);
        }
        List<WaitingStream> all = new ArrayList<>(streams.values());
        unreadable.forEach(reason -> all.add(new WaitingStream("", 0, 0, 0, 0, 0, reason)));
        return all;
    }

    private WaitingStream plus(WaitingStream other) {
        return new WaitingStream(
                stream,
                segments + other.segments,
                records + other.records,
                bytes + other.bytes,
                Math.min(first, other.first),
                Math.max(last, other.last),
                "");
    }

    /** For people. */
    @Override
    public String toString() {
        return unreadable.isEmpty()
                ? String.format(
                        "%s  segments %d to %d: %,d, %,d records, %,d bytes",
                        stream, first, last, segments, records, bytes)
                : "cannot be read: " + unreadable;
    }
}
