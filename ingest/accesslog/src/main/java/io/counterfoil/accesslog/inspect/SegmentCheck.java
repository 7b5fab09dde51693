package io.counterfoil.accesslog.inspect;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.record.CorruptRecordException;
import io.counterfoil.accesslog.record.RecordCursor;
import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.seal.RecordRange;
import io.counterfoil.accesslog.seal.Seal;

import java.util.Optional;

/**
 * Verifies a segment for an operator: every line's form, CRC, sequence and time, then the seal and the chain. As strict as what
 * counts segments, but it says where and, where it can, which byte.
 */
public final class SegmentCheck {
    private SegmentCheck() {}

    /**
     * What was found.
     *
     * @param valid the records before the first fault
     * @param fault the first thing found wrong
     * @param chain how it stands to the segment before it, for people
     */
    public record Verdict(InspectedSegment segment, RecordRange valid, Optional<String> fault, String chain) {}

    public static Verdict check(InspectedSegment segment) {
        RecordCursor cursor = segment.cursor();
        boolean ordered = segment.seal().flatMap(Seal::source).isEmpty();
        long count = 0;
        long firstSeq = segment.seal().map(seal -> seal.records().firstSeq()).orElse(1L);
        long first = Long.MAX_VALUE;
        long last = 0;
        Optional<String> fault = header(segment);
        try {
            while (fault.isEmpty() && cursor.next()) {
                firstSeq = count == 0 ? cursor.seq() : firstSeq;
                long ts = cursor.tsMicros();
                if (ordered && ts < last) {
                    throw new CorruptRecordException(
                            "ts_us goes back from " + last + " to " + ts, cursor.linePosition());
                }
                first = Math.min(first, ts);
                last = Math.max(last, ts);
                count++;
            }
        } catch (CorruptRecordException e) {
            int at = (int) e.bytePosition();
            fault = Optional.of("line " + (count + 2) + " (byte " + at + "): "
                    + WrongByte.find(segment.id(), segment.csv(), at).orElse(e.getMessage()));
        }
        RecordRange valid = count == 0
                ? RecordRange.empty(firstSeq)
                : new RecordRange(count, firstSeq, firstSeq + count - 1, first, last);
        fault = fault.or(() -> stray(segment)).or(() -> seal(segment, valid)).or(() -> chainFault(segment));
        return new Verdict(segment, valid, fault, chain(segment));
    }

    private static Optional<String> header(InspectedSegment segment) {
        byte[] expected = RecordFormat.header(segment.id());
        byte[] csv = segment.csv();
        for (int i = 0; i < expected.length; i++) {
            if (i >= csv.length) {
                return Optional.of("line 1 ends at byte " + i + ", expected " + expected.length + " bytes");
            }
            if (csv[i] != expected[i]) {
                return Optional.of("line 1: " + WrongByte.told(i, csv[i], expected[i]));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> stray(InspectedSegment segment) {
        return segment.stray().isPresent()
                ? Optional.of("byte " + segment.stray().getAsLong()
                        + " is not zero, expected only zeros behind the last line," + " which ends at byte "
                        + segment.csv().length)
                : Optional.empty();
    }

    private static Optional<String> seal(InspectedSegment segment, RecordRange valid) {
        if (segment.seal().isEmpty()) {
            return Optional.empty();
        }
        Seal seal = segment.seal().get();
        if (segment.csv().length != seal.bytes()) {
            return Optional.of("holds " + segment.csv().length + " bytes, the seal states " + seal.bytes());
        }
        if (!valid.equals(seal.records())) {
            return Optional.of("holds " + valid + ", the seal states " + seal.records());
        }
        String sha256 = Digests.sha256(segment.csv());
        return sha256.equals(seal.sha256())
                ? Optional.empty()
                : Optional.of("sha256 is " + sha256 + ", the seal states " + seal.sha256());
    }

    private static Optional<String> chainFault(InspectedSegment segment) {
        if (segment.seal().isEmpty() || segment.previous().isEmpty()) {
            return Optional.empty();
        }
        Seal seal = segment.seal().get();
        Seal previous = segment.previous().get();
        if (!seal.previousSha256().equals(Optional.of(previous.sha256()))) {
            return Optional.of("previous_sha256 is " + seal.previousSha256().orElse("none") + ", segment "
                    + previous.id().number() + " has " + previous.sha256());
        }
        if (seal.records().firstSeq() != previous.records().lastSeq() + 1) {
            return Optional.of("begins with seq " + seal.records().firstSeq() + ", expected "
                    + (previous.records().lastSeq() + 1) + ": segment "
                    + previous.id().number() + " ends with "
                    + previous.records().lastSeq());
        }
        return Optional.empty();
    }

    private static String chain(InspectedSegment segment) {
        if (segment.seal().isEmpty()) {
            return "not sealed";
        }
        if (segment.id().number() == 1) {
            return "first of its stream";
        }
        return segment.previous().isPresent()
                ? "follows segment " + (segment.id().number() - 1)
                : "segment " + (segment.id().number() - 1) + " was not found, the chain was not checked";
    }
}
