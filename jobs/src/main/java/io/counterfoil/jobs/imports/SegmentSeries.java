package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.seal.SourceRange;
import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes the segments of one file, one after the other: how its lines are read, and where the next one begins. Not thread-safe. */
final class SegmentSeries {
    /** A segment takes this much of the file, so that a range begins and ends at the same bytes whoever imports it. */
    private static final int CHUNK_BYTES = 4 << 20;

    private static final String BYTE_ORDER_MARK = "\uFEFF";
    private static final int CHUNK_LINES = 100_000;

    private final Landing landing;
    private final ImportSettings settings;
    private final KeyResolver keys;
    private final ImportCounts counts;
    private final LineFormat format;
    private final Tail tail = new Tail();
    private KnownFile known;

    SegmentSeries(Landing landing, ImportSettings settings, KeyResolver keys, ImportCounts counts, KnownFile known) {
        this.landing = landing;
        this.settings = settings;
        this.keys = keys;
        this.counts = counts;
        this.known = known;
        this.format = settings.lineFormat();
    }

    /** The file as far as it is published. */
    KnownFile known() {
        return known;
    }

    /** A line as read; at most one of request and reason, none of both where it is no request by design. */
    record Line(
            long number,
            long start,
            long end,
            boolean leftOut,
            Optional<ForeignRequest> request,
            Optional<String> reason) {
        boolean says() {
            return leftOut || request.isPresent() || reason.isPresent();
        }
    }

    /**
     * What one segment is to be made of.
     *
     * @param atEnd whether it ends where the file ends by now
     * @param tail of the file up to its end
     * @param first the digests of those of the file's first lines that are among these
     */
    record Chunk(List<Line> lines, boolean atEnd, SourceRange.Digest tail, List<String> first) {
        /** Comments and headers alone say nothing of which file this is. */
        boolean waits() {
            return lines.isEmpty() || (atEnd && lines.stream().noneMatch(Line::says));
        }

        boolean hasRequest() {
            return lines.stream().anyMatch(line -> line.request().isPresent());
        }

        long end() {
            return lines.get(lines.size() - 1).end();
        }
    }

    /**
     * Goes to where the last segment ended, past whatever says how the lines behind it are to be read.
     *
     * @return empty where the file is shorter, false where it is not what it was then
     */
    Optional<Boolean> resume(SourceFile file) throws IOException {
        if (format.headersInMidFile()) {
            return walk(file);
        }
        SourceFile head = SourceFile.open(file.name(), file.headBytes());
        boolean preamble = known.to() > 0;
        while (preamble && head.next(false)) {
            preamble = format.skip(text(head));
        }
        return goOn(file);
    }

    private Optional<Boolean> walk(SourceFile file) throws IOException {
        // The last line may have been taken without its newline, and have grown since.
        while (file.position() < known.to() && file.nextUpTo(known.to())) {
            if (file.line().length > 0 && file.line()[0] == '#') {
                format.skip(text(file));
            }
            remember(file);
        }
        if (file.size().isPresent()) {
            return goOn(file);
        }
        return file.position() < known.to()
                ? Optional.empty()
                : Optional.of(known.endsWith(tail.last(known.tailBytes())));
    }

    /** As {@link #resume}, of a file that this series has read before. */
    Optional<Boolean> goOn(SourceFile file) throws IOException {
        Optional<byte[]> before = file.skipTo(known.to(), known.tailBytes());
        tail.clear();
        before.ifPresent(tail::add);
        return before.map(known::endsWith);
    }

    /**
     * Whether a plain file holds, now that it has been read, what stood before the chunk and the chunk: its first lines, as that
     * head has them, and the ends of both. Else it was truncated on the way and may have grown again since.
     */
    boolean stillHolds(SourceFile file, Chunk chunk, SourceHead head) throws IOException {
        List<String> first = new ArrayList<>(known.first());
        first.addAll(chunk.first());
        int tailBytes = (int) chunk.tail().bytes();
        return (first.isEmpty() || head.sharesFirst(first))
                && known.endsWith(file.bytes(known.to() - known.tailBytes(), known.tailBytes()))
                && Digests.sha256(file.bytes(chunk.end() - tailBytes, tailBytes))
                        .equals(chunk.tail().sha256());
    }

    /** Reads what the next segment is to be made of. */
    Chunk read(SourceFile file) {
        return read(file, CHUNK_LINES);
    }

    /** As {@link #read(SourceFile)}, of at most as many lines. */
    Chunk read(SourceFile file, int atMost) {
        List<Line> lines = new ArrayList<>();
        List<String> first = new ArrayList<>();
        boolean allFirst = known.to() == 0 || !known.first().isEmpty();
        long start = file.position();
        while (lines.size() < atMost && file.position() - start < CHUNK_BYTES && next(file)) {
            lines.add(line(file, known.nextLine() + lines.size()));
            remember(file);
            allFirst = allFirst && file.position() < SourceFile.HEAD_BYTES;
            boolean comment = file.line().length > 0 && file.line()[0] == '#';
            if (allFirst && !comment && known.first().size() + first.size() < SourceHead.LINES) {
                first.add(SourceHead.digest(file.line()));
            }
        }
        boolean atEnd = lines.size() < atMost && file.position() - start < CHUNK_BYTES;
        return new Chunk(lines, atEnd, tail.digest(), first);
    }

    private void remember(SourceFile file) {
        if (file.lineWasCut()) {
            tail.clear();
        } else {
            tail.line(file.line(), file.position() - file.lineStart() > file.line().length);
        }
    }

    private boolean next(SourceFile file) {
        try {
            return file.next(settings.takeUnterminated());
        } catch (IOException e) {
            throw OperatorException.corrupt(
                    "log file " + file.name() + " cannot be read behind byte " + file.position() + " (uncompressed): "
                            + e.getMessage() + "; import it again when it is whole, it goes on from there");
        }
    }

    private Line line(SourceFile file, long number) {
        Optional<ForeignRequest> request = Optional.empty();
        Optional<String> reason = Optional.empty();
        boolean skipped = false;
        String text = text(file);
        if (file.lineWasCut()) {
            reason = Optional.of("longer than " + SourceFile.MAX_LINE_BYTES + " bytes");
        } else if (format.skip(text)) {
            skipped = true;
        } else {
            try {
                request = format.parse(text);
            } catch (MalformedLineException e) {
                reason = Optional.of(String.valueOf(e.getMessage()));
            }
        }
        boolean leftOut = !skipped && request.isEmpty() && reason.isEmpty();
        return new Line(number, file.lineStart(), file.position(), leftOut, request, reason);
    }

    /** The first of the lines whose caller is not known though somebody must know it, by its place in the chunk. */
    Optional<Integer> unknownCaller(Chunk chunk) {
        keys.resolve(chunk.lines().stream()
                .flatMap(line -> line.request().stream())
                .flatMap(request -> request.key().stream())
                .toList());
        if (settings.unknownAsNone()) {
            return Optional.empty();
        }
        for (int i = 0; i < chunk.lines().size(); i++) {
            Optional<ForeignRequest> request = chunk.lines().get(i).request();
            if (request.isPresent() && !turnedAway(request.get()) && !hasKnownKey(request.get())) {
                return Optional.of(i);
            }
        }
        return Optional.empty();
    }

    private boolean hasKnownKey(ForeignRequest request) {
        return request.key().isEmpty() || keys.find(request.key().get()).isPresent();
    }

    /** A caller that was turned away for its key has none that anybody could know. */
    private static boolean turnedAway(ForeignRequest request) {
        int status = request.facts().status();
        return status == 401 || status == 403 || request.facts().decision() == Decision.UNAUTHORIZED;
    }

    /** Publishes the chunk, every caller of which is known as far as it must be. */
    void publish(SourceFile file, Chunk chunk, SourceRange.Digest fingerprint, Optional<String> inode)
            throws IOException {
        SegmentId id = new SegmentId(known.stream(), known.nextNumber());
        SegmentBuilder segment = new SegmentBuilder(id, known.lastSha256(), known.nextSeq());
        for (Line line : chunk.lines()) {
            line.request().ifPresent(request -> segment.record(request, keyId(request)));
            line.reason()
                    .ifPresent(
                            reason -> segment.reject(line.number(), line.start(), line.end() - line.start(), reason));
        }
        // What a killed import left without its seal was never published; this one's lines may be more, or other keys
        // known.
        landing.discardUnsealed(id);
        known = known.with(segment.publish(
                landing,
                new SegmentBuilder.Range(
                        file.name(),
                        settings.format(),
                        fingerprint,
                        chunk.lines().get(0).start(),
                        chunk.end(),
                        known.nextLine(),
                        chunk.lines().size(),
                        chunk.tail(),
                        new SourceRange.Identity(inode, chunk.first()))));
        counts.add(segment, chunk.lines());
    }

    private long keyId(ForeignRequest request) {
        if (request.key().isEmpty()) {
            counts.withoutKey();
            return 0;
        }
        Optional<Long> id = keys.find(request.key().get());
        if (id.isEmpty()) {
            counts.unknownKey();
        }
        return id.orElse(0L);
    }

    /** The line that was read last, as formats take it. */
    static String text(SourceFile file) {
        byte[] line = file.line();
        int end = line.length > 0 && line[line.length - 1] == '\r' ? line.length - 1 : line.length;
        String text = new String(line, 0, end, StandardCharsets.UTF_8);
        return file.lineStart() == 0 && text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    }
}
