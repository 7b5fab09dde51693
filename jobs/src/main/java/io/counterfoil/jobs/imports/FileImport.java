package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.seal.SourceRange;
import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.util.Optional;
import java.util.function.LongConsumer;

/** One run over one file: finds where to go on, then makes a segment of every few MiB of lines. */
final class FileImport {
    private final FolderLanding landing;
    private final ImportSettings settings;
    private final SourceFile file;
    private final KeyResolver keys;
    private final LongConsumer progress;
    private final ImportCounts counts = new ImportCounts();

    FileImport(
            FolderLanding landing, ImportSettings settings, SourceFile file, KeyResolver keys, LongConsumer progress) {
        this.landing = landing;
        this.settings = settings;
        this.file = file;
        this.keys = keys;
        this.progress = progress;
    }

    ImportResult run() throws IOException {
        SourceHead head = file.head();
        SourceRange.Digest fingerprint = head.fingerprint(settings.takeUnterminated());
        if (fingerprint.bytes() == 0) {
            // No line yet by which the file could be known again.
            return result(0, file.headBytes().available());
        }
        KnownFile known = KnownFile.find(landing, settings.source(), head, fingerprint);
        SegmentSeries series = new SegmentSeries(landing, settings, keys, counts, known);
        if (!skip(series)) {
            return result(file.position(), 0);
        }
        long from = known.to();
        while (true) {
            SegmentSeries.Chunk chunk = series.read(file);
            if (chunk.waits()) {
                counts.passed(chunk.lines().size());
                return result(
                        from,
                        chunk.lines().isEmpty()
                                ? file.position() - series.known().to()
                                : 0);
            }
            if (series.known().to() == 0) {
                requireARequest(chunk);
            }
            requireKnownCallers(series, chunk);
            series.publish(file, chunk, fingerprint, Optional.empty());
            progress.accept(counts.lines());
        }
    }

    /** A log of which nothing at all is a request is most likely of another format; imported, its lines would be taken. */
    private void requireARequest(SegmentSeries.Chunk chunk) {
        Optional<SegmentSeries.Line> first =
                chunk.lines().stream().filter(line -> line.reason().isPresent()).findFirst();
        if (first.isPresent() && !chunk.hasRequest()) {
            throw OperatorException.input("log file " + file.name() + ": none of its first "
                    + chunk.lines().size() + " lines is a request as --format " + settings.format() + " has it (line "
                    + first.get().number() + ": "
                    + first.get().reason().get() + "). Nothing was imported; check --format, --key-from and --map");
        }
    }

    private void requireKnownCallers(SegmentSeries series, SegmentSeries.Chunk chunk) {
        series.unknownCaller(chunk).map(chunk.lines()::get).ifPresent(line -> {
            throw OperatorException.input(
                    "log file " + file.name() + ", line " + line.number() + " (byte " + line.start()
                            + "): the key in '" + settings.keyFrom()
                            + "' is not known. Nothing from this part of the file on was"
                            + " imported. Import the keys first (counterfoil key import FILE.csv), or pass --create-keys to make one"
                            + " for each, or --unknown-as-none to count them under no key; then import the same file again");
        });
    }

    /** Goes to where the last import ended; false where this file ends before that. */
    private boolean skip(SegmentSeries series) throws IOException {
        KnownFile known = series.known();
        if (known.to() == 0) {
            return true;
        }
        if (!known.format().equals(settings.format())) {
            throw OperatorException.input("log file " + file.name() + " was imported with --format " + known.format()
                    + " before, now it is " + settings.format() + "; go on with the former");
        }
        Optional<Boolean> same = series.resume(file);
        if (same.isPresent() && !same.get()) {
            throw OperatorException.input("log file " + file.name() + " begins as one that was imported as '"
                    + settings.source() + "' before, but its bytes before " + known.to()
                    + " are not what they were then: it was rewritten. Import it under another --source");
        }
        return same.isPresent();
    }

    private ImportResult result(long importedBefore, long unterminated) {
        return counts.result(file.name(), settings, importedBefore, unterminated, keys.created());
    }
}
