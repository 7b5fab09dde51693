package io.counterfoil.accesslog.collected;

import io.counterfoil.accesslog.collected.JournalContent.RejectedLine;
import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.LandingConflictException;
import io.counterfoil.accesslog.landing.Zstd;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.seal.CollectedRange;
import io.counterfoil.accesslog.seal.Recovery;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.SourceRange;
import io.counterfoil.accesslog.seal.Unlogged;
import io.counterfoil.accesslog.ship.ShippingCounters;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Makes a sealed segment of a journal. The same journal gives the same bytes. */
final class CollectedSegment {
    private static final String COLLECTOR = "collector";
    private static final SourceRange.Digest NO_FILE = new SourceRange.Digest(0, Digests.sha256(new byte[0]));

    private CollectedSegment() {}

    static Seal publish(
            FolderLanding sealed,
            SegmentId id,
            JournalContent content,
            Optional<Seal> previous,
            long cutBytes,
            ShippingCounters shipping)
            throws IOException {
        Optional<SourceRange> before = previous.flatMap(Seal::source);
        long from = before.map(SourceRange::to).orElse(0L);
        byte[] rejects = rejects(content, from);
        Optional<SourceRange.Rejects> stated = content.rejects().isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new SourceRange.Rejects(content.rejects().size(), rejects.length, Digests.sha256(rejects)));
        long records = content.records().count();
        SourceRange source = new SourceRange(
                COLLECTOR,
                COLLECTOR,
                NO_FILE,
                from,
                from + content.bytes(),
                before.map(range -> range.firstLine() + range.lines()).orElse(1L),
                records + content.rejects().size() + content.held().size(),
                content.held().size(),
                NO_FILE,
                stated,
                SourceRange.Identity.NONE,
                Optional.of(new CollectedRange(
                        content.batches(),
                        content.skewMicros(),
                        content.held().size() - (long) content.released().size())));
        Seal seal = new Seal(
                id,
                1,
                content.records(),
                records,
                Unlogged.NONE,
                0,
                0,
                content.csv().length,
                Digests.sha256(content.csv()),
                previous.map(Seal::sha256),
                Optional.empty(),
                false,
                cutBytes == 0 ? Optional.empty() : Optional.of(new Recovery(cutBytes, "none", 0)),
                Optional.of(source));
        byte[] data = Zstd.compress(content.csv());
        try {
            // What a killed process left without its seal may be of fewer batches.
            sealed.discardUnsealed(id);
            sealed.publish(seal, data, stated.map(some -> Zstd.compress(rejects)));
        } catch (LandingConflictException e) {
            throw new IOException("cannot seal: " + e.getMessage(), e);
        }
        shipping.sealed(data.length);
        return seal;
    }

    /** Lines of CSV as an import's: line, byte position, bytes, reason; the position is that in all journals. */
    private static byte[] rejects(JournalContent content, long from) {
        StringBuilder text = new StringBuilder();
        for (RejectedLine reject : content.rejects()) {
            text.append(reject.line())
                    .append(',')
                    .append(from + reject.position())
                    .append(',')
                    .append(reject.bytes())
                    .append(",\"")
                    .append(reject.reason().replace("\"", "\"\""))
                    .append("\"\n");
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
