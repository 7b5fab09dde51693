package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.seal.SourceRange.Digest;
import io.counterfoil.jobs.imports.RotatedLog.LogFile;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/** A file of a followed log, open as long as it may grow, whatever it is called meanwhile. Not thread-safe. */
final class FollowedFile implements AutoCloseable {
    /** How it went on. */
    enum Progress {
        /** Nothing new. */
        QUIET,
        /** At least one segment was published. */
        NEWS,
        /** What comes next cannot be counted yet; {@link #heldBy} says why. */
        HELD,
        /** It no longer holds what was read of it: it was truncated. */
        REPLACED
    }

    private final FolderLanding landing;
    private final ImportSettings settings;
    private final KeyResolver keys;
    private final ImportCounts counts;
    private final Runnable between;
    private final SourceFile file;
    private final boolean refuseNonsense;
    private final boolean compressed;
    private LogFile seen;
    private SegmentSeries series;
    private Optional<SegmentSeries.Chunk> pending = Optional.empty();
    private Optional<String> heldBy = Optional.empty();
    private int quietLooks;

    /**
     * @param file opened, not read yet
     * @param refuseNonsense whether a beginning without any request is held, as it is most likely of another format
     */
    FollowedFile(FollowContext context, LogFile seen, SourceFile file, KnownFile known, boolean refuseNonsense)
            throws IOException {
        this.landing = context.landing();
        this.settings = context.settings();
        this.keys = context.keys();
        this.counts = context.counts();
        this.between = context.between();
        this.seen = seen;
        this.file = file;
        this.refuseNonsense = refuseNonsense;
        this.compressed = file.size().isEmpty();
        this.series = series(known);
        series.resume(file);
    }

    private SegmentSeries series(KnownFile known) {
        return new SegmentSeries(landing, settings, keys, counts, known);
    }

    KnownFile known() {
        return series.known();
    }

    LogFile seen() {
        return seen;
    }

    /** It has this name, and so on, by now. */
    void seen(LogFile now) {
        seen = now;
    }

    /** Why it does not go on: where, and what is to be done. */
    Optional<String> heldBy() {
        return heldBy;
    }

    boolean isHeld() {
        return heldBy.isPresent();
    }

    /** What it begins with by now. */
    SourceHead head() throws IOException {
        return file.head();
    }

    boolean isCompressed() {
        return compressed;
    }

    /** How often in a row there was nothing new. */
    int quietLooks() {
        return quietLooks;
    }

    /** Publishes what is new, as far as it can be counted. */
    Progress advance() throws IOException {
        boolean news = false;
        while (true) {
            Progress step = step();
            if (step != Progress.NEWS) {
                quietLooks = step == Progress.QUIET && !news ? quietLooks + 1 : 0;
                return step == Progress.QUIET && news ? Progress.NEWS : step;
            }
            news = true;
        }
    }

    private Progress step() throws IOException {
        OptionalLong size = file.size();
        if (size.isPresent() && size.getAsLong() < known().to()) {
            return Progress.REPLACED;
        }
        if (pending.isEmpty()) {
            if (size.isPresent() && size.getAsLong() == known().to()) {
                // It may have been truncated and have grown to the same length.
                return endsAsKnown() ? Progress.QUIET : Progress.REPLACED;
            }
            if (size.isPresent() && !series.goOn(file).orElse(false)) {
                return Progress.REPLACED;
            }
            SegmentSeries.Chunk chunk = series.read(file);
            if (chunk.waits()) {
                startAgainWhereNothingIsKnown();
                return Progress.QUIET;
            }
            if (refuseNonsense && known().to() == 0 && !chunk.hasRequest()) {
                heldBy = Optional.of(nonsense(chunk));
                startAgainWhereNothingIsKnown();
                return Progress.HELD;
            }
            pending = Optional.of(chunk);
        }
        return publish(pending.get());
    }

    private Progress publish(SegmentSeries.Chunk read) throws IOException {
        SegmentSeries.Chunk chunk = read;
        Optional<Integer> unknown = series.unknownCaller(chunk);
        boolean plain = file.size().isPresent();
        if (plain && unknown.isPresent() && unknown.get() > 0) {
            // What stands before it counts. Read anew: what the format learnt behind that line is not to be known yet.
            series = series(known());
            if (!series.resume(file).orElse(false)) {
                return Progress.REPLACED;
            }
            chunk = series.read(file, unknown.get());
            unknown = series.unknownCaller(chunk);
        }
        if (unknown.isPresent()) {
            heldBy = Optional.of(unknownCaller(chunk.lines().get(unknown.get())));
            return Progress.HELD;
        }
        between.run();
        // Read before the rest is held against the chunk: then the fingerprint is of the file that the chunk is of.
        SourceHead head = file.head();
        if (plain && (chunk.lines().isEmpty() || !series.stillHolds(file, chunk, head))) {
            return Progress.REPLACED;
        }
        between.run();
        series.publish(file, chunk, fingerprint(head), Optional.of(seen.inode()));
        between.run();
        pending = Optional.empty();
        heldBy = Optional.empty();
        return Progress.NEWS;
    }

    /** By more of its beginning as long as that grows. */
    private Digest fingerprint(SourceHead head) {
        Digest before = known().fingerprint();
        return before.bytes() >= SourceHead.FINGERPRINT_BYTES ? before : head.fingerprint(false);
    }

    /** A header that was seen will be seen again. */
    private void startAgainWhereNothingIsKnown() {
        if (known().to() == 0) {
            series = series(known());
        }
    }

    private String unknownCaller(SegmentSeries.Line line) {
        return seen.name() + ", line " + line.number() + " (byte " + line.start() + "): the key in '"
                + settings.keyFrom()
                + "' is not known. What follows waits until it is: counterfoil key import FILE.csv;"
                + " or follow with --create-keys or --unknown-as-none";
    }

    private String nonsense(SegmentSeries.Chunk chunk) {
        String first = chunk.lines().stream()
                .flatMap(line -> line.reason().stream().map(reason -> "line " + line.number() + ": " + reason))
                .findFirst()
                .orElse("");
        return seen.name() + ": none of its " + chunk.lines().size() + " lines is a request as --format "
                + settings.format() + " has it (" + first
                + "). Nothing was imported, it waits for a request; check --format, --key-from and --map";
    }

    /** Whether it is still the file that was read, at this moment. */
    boolean isIntact() throws IOException {
        return compressed || (file.size().orElse(0) >= known().to() && endsAsKnown());
    }

    private boolean endsAsKnown() throws IOException {
        return known().endsWith(file.bytes(known().to() - known().tailBytes(), known().tailBytes()));
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
