package io.counterfoil.accesslog.seal;

import io.counterfoil.accesslog.record.SegmentId;

import java.util.Objects;
import java.util.Optional;

/**
 * What is stated, once and for good, of a segment that ended. {@link SealJson} gives its form on disk.
 *
 * @param streams how many streams the epoch has; a reader that sees fewer knows which are missing
 * @param served requests whose final bytes (or abandonment) were seen while the segment was active, counted apart from the writer
 * @param unlogged requests served without a record, by reason; {@code served = records + unlogged} unless the process died between
 * @param throughMicros no later record of this stream is earlier; UTC microseconds. 0 for imports, whose logs may be out of order
 * @param clockStepMicros the furthest that the wall clock stepped back while its time was held
 * @param previousSha256 of the segment before this one in the stream; empty for the first
 * @param predecessor the epoch before this one, as far as the edge knows; empty means unknown (a lost data folder, or a first start)
 * @param endOfStream no segment follows in this stream
 * @param recovery present where the process that wrote the segment died before sealing it
 * @param source present where the records were imported from a log that is not ours
 */
public record Seal(
        SegmentId id,
        int streams,
        RecordRange records,
        long served,
        Unlogged unlogged,
        long throughMicros,
        long clockStepMicros,
        long bytes,
        String sha256,
        Optional<String> previousSha256,
        Optional<Predecessor> predecessor,
        boolean endOfStream,
        Optional<Recovery> recovery,
        Optional<SourceRange> source) {
    public Seal {
        Objects.requireNonNull(id, "id");
        if (streams <= id.stream().stream()) {
            throw new IllegalArgumentException(
                    "streams is " + streams + ", expected more than stream " + id.stream().stream());
        }
        if (!sha256.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("sha256 is '" + sha256 + "', expected 64 hex digits");
        }
    }

    /** Records that the segment holds and lines that it could not hold, where it was imported. */
    public long rejects() {
        return source.map(
                        range -> range.rejects().map(SourceRange.Rejects::count).orElse(0L))
                .orElse(0L);
    }
}
