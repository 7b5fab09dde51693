package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.SourceRange;
import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/** One run over one file: finds where to go on, then makes a segment of every few MiB of lines. */
final class FileImport {
    /** A segment takes this much of the file, so that a range begins and ends at the same bytes whoever imports it. */
    private static final int CHUNK_BYTES = 4 << 20;

    private static final String BYTE_ORDER_MARK = "\uFEFF";
    private static final int CHUNK_LINES = 100_000;

    private final Landing landing;
    private final ImportSettings settings;
    private final SourceFile file;
    private final KeyResolver keys;
    private final LongConsumer progress;
    private final LineFormat format;

    private long requests;
    private long rejects;
    private long lines;
    private long segments;
    private long withoutKey;
    private long unknownKey;
    private final Tail tail = new Tail();
    private final SourceRange.Digest fingerprint;

    FileImport(Landing landing, ImportSettings settings, SourceFile file, KeyResolver keys, LongConsumer progress) {
        this.landing = landing;
        this.settings = settings;
        this.file = file;
        this.keys = keys;
        this.progress = progress;
        this.format = settings.lineFormat();
        this.fingerprint = file.head().fingerprint(settings.takeUnterminated());
    }

    ImportResult run() throws IOException {
        if (fingerprint.bytes() == 0) {
            // No line yet by which the file could be known again.
            return result(0, file.headBytes().available());
        }
        KnownFile known = KnownFile.find(landing, settings.source(), file.head(), fingerprint);
        if (!skip(known)) {
            return result(file.position(), 0);
        }
        long from = known.to();
        long end = from;
        Position position = new Position(
                known.nextNumber(),
                known.nextSeq(),
                known.nextLine(),
                known.last().map(Seal::sha256));
        while (true) {
            List<Line> chunk = read(position.line());
            boolean atEnd = chunk.size() < CHUNK_LINES && file.position() - end < CHUNK_BYTES;
            boolean nothing = chunk.stream()
                    .allMatch(line -> line.request().isEmpty() && line.reason().isEmpty());
            if (chunk.isEmpty() || (atEnd && nothing)) {
                // A header alone says nothing of which file this is.
                return result(from, chunk.isEmpty() ? file.position() - end : 0);
            }
            if (from == 0 && end == 0) {
                requireARequest(chunk);
            }
            position = publish(known, position, chunk);
            end = chunk.get(chunk.size() - 1).end();
            progress.accept(lines);
        }
    }

    /** A log of which nothing at all is a request is most likely of another format; imported, its lines would be taken. */
    private void requireARequest(List<Line> chunk) {
        Optional<Line> first =
                chunk.stream().filter(line -> line.reason().isPresent()).findFirst();
        if (first.isPresent() && chunk.stream().allMatch(line -> line.request().isEmpty())) {
            throw OperatorException.input("log file " + file.name() + ": none of its first " + chunk.size()
                    + " lines is a request as --format " + settings.format() + " has it (line "
                    + first.get().number() + ": "
                    + first.get().reason().get() + "). Nothing was imported; check --format, --key-from and --map");
        }
    }

    /** Where the next segment begins. */
    private record Position(long number, long seq, long line, Optional<String> previousSha256) {}

    /** A line as read; exactly one of request and reason, or none of both where it is no request by design. */
    private record Line(long number, long start, long end, Optional<ForeignRequest> request, Optional<String> reason) {}

    /** Goes to where the last import ended; false where this file ends before that. */
    private boolean skip(KnownFile known) throws IOException {
        if (known.to() == 0) {
            return true;
        }
        if (!known.format().equals(settings.format())) {
            throw OperatorException.input("log file " + file.name() + " was imported with --format " + known.format()
                    + " before, now it is " + settings.format() + "; go on with the former");
        }
        Optional<byte[]> before = file.skipTo(known.to(), known.tailBytes());
        if (before.isEmpty()) {
            return false;
        }
        if (!known.endsWith(before.get())) {
            throw OperatorException.input("log file " + file.name() + " begins as one that was imported as '"
                    + settings.source() + "' before, but its bytes before " + known.to()
                    + " are not what they were then: it was rewritten. Import it under another --source");
        }
        tail.add(before.get());
        SourceFile head = SourceFile.open(file.name(), file.headBytes());
        boolean preamble = true;
        while (preamble && head.next(false)) {
            preamble = format.skip(text(head));
        }
        return true;
    }

    private List<Line> read(long firstLine) throws IOException {
        List<Line> chunk = new ArrayList<>();
        long start = file.position();
        while (chunk.size() < CHUNK_LINES && file.position() - start < CHUNK_BYTES && next()) {
            chunk.add(line(firstLine + chunk.size()));
            if (file.lineWasCut()) {
                tail.clear();
            } else {
                tail.line(file.line(), file.position() - file.lineStart() > file.line().length);
            }
        }
        lines += chunk.size();
        return chunk;
    }

    private boolean next() {
        try {
            return file.next(settings.takeUnterminated());
        } catch (IOException e) {
            throw OperatorException.corrupt(
                    "log file " + file.name() + " cannot be read behind byte " + file.position() + " (uncompressed): "
                            + e.getMessage() + "; import it again when it is whole, it goes on from there");
        }
    }

    private Line line(long number) {
        Optional<ForeignRequest> request = Optional.empty();
        Optional<String> reason = Optional.empty();
        String text = text(file);
        if (file.lineWasCut()) {
            reason = Optional.of("longer than " + SourceFile.MAX_LINE_BYTES + " bytes");
        } else if (!format.skip(text)) {
            try {
                request = Optional.of(format.parse(text));
            } catch (MalformedLineException e) {
                reason = Optional.of(String.valueOf(e.getMessage()));
            }
        }
        return new Line(number, file.lineStart(), file.position(), request, reason);
    }

    private Position publish(KnownFile known, Position position, List<Line> chunk) throws IOException {
        keys.resolve(chunk.stream()
                .flatMap(line -> line.request().stream())
                .flatMap(request -> request.key().stream())
                .toList());
        SegmentId id = new SegmentId(known.stream(), position.number());
        SegmentBuilder segment = new SegmentBuilder(id, position.previousSha256(), position.seq());
        for (Line line : chunk) {
            line.request().ifPresent(request -> segment.record(request, keyId(line, request)));
            line.reason()
                    .ifPresent(
                            reason -> segment.reject(line.number(), line.start(), line.end() - line.start(), reason));
        }
        Line last = chunk.get(chunk.size() - 1);
        // What a killed import left without its seal was never published; this one's lines may be more, or other keys
        // known.
        landing.discardUnsealed(id);
        Seal seal = segment.publish(
                landing,
                new SegmentBuilder.Range(
                        file.name(),
                        settings.format(),
                        fingerprint,
                        chunk.get(0).start(),
                        last.end(),
                        position.line(),
                        chunk.size(),
                        tail.digest()));
        requests += segment.records();
        rejects += segment.rejectCount();
        segments++;
        return new Position(
                position.number() + 1,
                position.seq() + segment.records(),
                position.line() + chunk.size(),
                Optional.of(seal.sha256()));
    }

    private long keyId(Line line, ForeignRequest request) {
        if (request.key().isEmpty()) {
            withoutKey++;
            return 0;
        }
        Optional<Long> id = keys.find(request.key().get());
        if (id.isPresent()) {
            return id.get();
        }
        // A caller that was turned away for its key has none that anybody could know.
        boolean turnedAway = request.status() == 401 || request.status() == 403;
        if (!turnedAway && !settings.unknownAsNone()) {
            throw OperatorException.input(
                    "log file " + file.name() + ", line " + line.number() + " (byte " + line.start()
                            + "): the key in '" + settings.keyFrom()
                            + "' is not known. Nothing from this part of the file on was"
                            + " imported. Import the keys first (counterfoil key import FILE.csv), or pass --create-keys to make one"
                            + " for each, or --unknown-as-none to count them under no key; then import the same file again");
        }
        unknownKey++;
        return 0;
    }

    private ImportResult result(long importedBefore, long unterminated) {
        return new ImportResult(
                file.name(),
                requests,
                rejects,
                lines - requests - rejects,
                segments,
                importedBefore,
                unterminated,
                withoutKey,
                unknownKey,
                keys.created());
    }

    private static String text(SourceFile file) {
        byte[] line = file.line();
        int end = line.length > 0 && line[line.length - 1] == '\r' ? line.length - 1 : line.length;
        String text = new String(line, 0, end, StandardCharsets.UTF_8);
        return file.lineStart() == 0 && text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    }
}
