package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.landing.LandingConflictException;
import io.counterfoil.accesslog.landing.Zstd;
import io.counterfoil.accesslog.record.RecordEncoder;
import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.seal.RecordRange;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.SourceRange;
import io.counterfoil.accesslog.seal.Unlogged;
import io.counterfoil.sql.OperatorException;
import org.apache.commons.csv.CSVFormat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Makes one segment of a range of a foreign file, and publishes it. */
final class SegmentBuilder {
    private final SegmentId id;
    private final Optional<String> previousSha256;
    private final long firstSeq;
    private final ByteArrayOutputStream csv = new ByteArrayOutputStream(1 << 20);
    private final StringBuilder rejects = new StringBuilder();
    private final RecordEncoder encoder = new RecordEncoder();
    private long records;
    private long rejectCount;
    private long firstMicros = Long.MAX_VALUE;
    private long lastMicros;

    SegmentBuilder(SegmentId id, Optional<String> previousSha256, long firstSeq) {
        this.id = id;
        this.previousSha256 = previousSha256;
        this.firstSeq = firstSeq;
        encoder.begin(id);
        csv.writeBytes(RecordFormat.header(id));
    }

    void record(ForeignRequest request, long keyId) {
        RequestFacts facts = request.ofKey(keyId);
        int bytes = encoder.encode(firstSeq + records, request.tsMicros(), facts);
        csv.write(encoder.line(), 0, bytes);
        records++;
        firstMicros = Math.min(firstMicros, request.tsMicros());
        lastMicros = Math.max(lastMicros, request.tsMicros());
    }

    void reject(long line, long bytePosition, long bytes, String reason) {
        rejects.append(CSVFormat.DEFAULT.format(line, bytePosition, bytes, reason))
                .append('\n');
        rejectCount++;
    }

    long records() {
        return records;
    }

    long rejectCount() {
        return rejectCount;
    }

    /** The source's range without its rejects, which only this builder knows. */
    record Range(
            String file,
            String format,
            SourceRange.Digest fingerprint,
            long from,
            long to,
            long firstLine,
            long lines,
            SourceRange.Digest tail,
            SourceRange.Identity identity) {}

    /** Publishes and returns the seal. */
    Seal publish(Landing landing, Range range) throws IOException {
        byte[] data = csv.toByteArray();
        byte[] rejectCsv = rejects.toString().getBytes(StandardCharsets.UTF_8);
        Optional<SourceRange.Rejects> stated = rejectCount == 0
                ? Optional.empty()
                : Optional.of(new SourceRange.Rejects(rejectCount, rejectCsv.length, Digests.sha256(rejectCsv)));
        SourceRange source = new SourceRange(
                range.file(),
                range.format(),
                range.fingerprint(),
                range.from(),
                range.to(),
                range.firstLine(),
                range.lines(),
                range.lines() - records - rejectCount,
                range.tail(),
                stated,
                range.identity(),
                Optional.empty());
        RecordRange recordRange = records == 0
                ? RecordRange.empty(firstSeq)
                : new RecordRange(records, firstSeq, firstSeq + records - 1, firstMicros, lastMicros);
        Seal seal = new Seal(
                id,
                1,
                recordRange,
                records,
                Unlogged.NONE,
                0,
                0,
                data.length,
                Digests.sha256(data),
                previousSha256,
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.of(source));
        try {
            landing.publish(seal, Zstd.compress(data), stated.map(rejected -> Zstd.compress(rejectCsv)));
        } catch (LandingConflictException e) {
            throw OperatorException.corrupt("import cannot go on: " + e.getMessage());
        }
        return seal;
    }
}
