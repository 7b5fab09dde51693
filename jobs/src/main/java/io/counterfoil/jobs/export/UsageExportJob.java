package io.counterfoil.jobs.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.export.UsageCopy;
import io.counterfoil.sql.export.UsageExportStore;
import io.counterfoil.sql.export.UsageSums;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Usage as a file. The same usage gives the same bytes. Streams: what is held in memory does not grow with the rows. May be killed at any
 * point: the next run of the same export goes on behind the last checkpoint of which the database still says the same; a file
 * without its manifest is not finished.
 */
public final class UsageExportJob {
    private static final int HOUR_CHARACTERS = "2026-10-31T13:00:00Z".length();
    private static final long NOTE_EVERY_NANOS = Duration.ofSeconds(5).toNanos();

    private final UsageExportStore store;
    private final String version;
    private final long checkpointBytes;

    /**
     * @param version of Counterfoil, for the manifest
     * @param checkpointBytes after how many bytes what was written is made sure of, at the end of an hour
     */
    public UsageExportJob(UsageExportStore store, String version, long checkpointBytes) {
        this.store = store;
        this.version = version;
        this.checkpointBytes = checkpointBytes;
    }

    /**
     * Writes the file and its manifest; both are replaced if they are there, each whole or not at all.
     *
     * @param progress told every few seconds how far it is, for people
     * @throws OperatorException category INPUT where the file cannot be written, or another process writes it
     */
    public Manifest write(UsageRange range, ExportFormat format, Path target, Consumer<String> progress) {
        try (ExportLock lock = ExportLock.of(target);
                RowSpool spool = RowSpool.open(target)) {
            UsageSums sums = store.read(state -> fill(spool, state, range, format, progress));
            WholeFile whole = place(spool, format, target);
            Manifest manifest = new Manifest(
                    "usage", format.text(), parameters(range), sums.rows(), totals(sums), List.of(), whole, version);
            manifest.write(target);
            return manifest;
        } catch (IOException e) {
            throw OperatorException.input("--out " + target + " cannot be written: " + e.getMessage()
                    + "; run it again once that is mended, it goes on where it stopped");
        }
    }

    /** To a stream, which stays open; neither manifest nor checkpoints. */
    public void stream(UsageRange range, ExportFormat format, OutputStream out) throws IOException {
        if (format == ExportFormat.PARQUET) {
            throw OperatorException.input("--format is parquet and no --out is given, expected --out FILE");
        }
        store.read(state -> {
            try (UsageCopy copy = state.copy(range.from(), range.to(), format.formula(), true);
                    InputStream rows = copy.bytes()) {
                if (format == ExportFormat.CSV) {
                    rows.transferTo(out);
                } else {
                    JsonLines.write(rows, out);
                }
            }
            out.flush();
            return null;
        });
    }

    /** All rows as CSV in the spool; returns what they add up to. */
    private UsageSums fill(
            RowSpool spool,
            UsageExportStore.State state,
            UsageRange range,
            ExportFormat format,
            Consumer<String> progress)
            throws IOException {
        String head = head(state, range, format);
        List<Checkpoint> kept = unchanged(spool.left(head), state, range);
        if (!spool.keep(head, kept)) {
            progress.accept(spool.file() + " is not what was written to it; beginning anew");
            kept = List.of();
        }
        UsageSums sums = kept.stream().map(Checkpoint::sums).reduce(UsageSums.NOTHING, UsageSums::plus);
        Instant from = kept.isEmpty() ? range.from() : kept.get(kept.size() - 1).to();
        if (!kept.isEmpty()) {
            progress.accept(
                    "going on at " + from + ": " + sums.rows() + " rows were written before and are still right");
        }
        if (kept.isEmpty() || from.isBefore(range.to())) {
            sums = sums.plus(copy(spool, state, new UsageRange(from, range.to()), format, progress));
        }
        UsageSums counted = state.sums(range.from(), range.to());
        if (!counted.equals(sums)) {
            spool.remove();
            throw OperatorException.corrupt("usage from " + range.from() + " to " + range.to() + " adds up to "
                    + counted + ", what was written to " + sums + "; the file was left as it was, run it again");
        }
        return sums;
    }

    private UsageSums copy(
            RowSpool spool,
            UsageExportStore.State state,
            UsageRange range,
            ExportFormat format,
            Consumer<String> progress)
            throws IOException {
        UsageSums all = UsageSums.NOTHING;
        RunningSums sums = new RunningSums();
        long safe = spool.bytes();
        long begin = System.nanoTime();
        long told = begin;
        byte[] hour = new byte[HOUR_CHARACTERS];
        try (UsageCopy rows = state.copy(range.from(), range.to(), format.formula(), spool.bytes() == 0)) {
            if (spool.bytes() == 0) {
                spool.append(rows.next().orElseThrow());
            }
            for (Optional<byte[]> next = rows.next(); next.isPresent(); next = rows.next()) {
                byte[] row = next.get();
                if (!java.util.Arrays.equals(hour, 0, HOUR_CHARACTERS, row, 0, HOUR_CHARACTERS)) {
                    if (spool.bytes() - safe >= checkpointBytes) {
                        UsageSums some = sums.take();
                        spool.checkpoint(behind(hour), some);
                        all = all.plus(some);
                        safe = spool.bytes();
                        if (System.nanoTime() - told >= NOTE_EVERY_NANOS) {
                            told = System.nanoTime();
                            progress.accept(all.rows() + " rows up to " + behind(hour) + ", "
                                    + all.rows() * 1_000_000_000L / (told - begin) + " rows/s");
                        }
                    }
                    System.arraycopy(row, 0, hour, 0, HOUR_CHARACTERS);
                }
                sums.add(row);
                spool.append(row);
            }
        }
        UsageSums some = sums.take();
        spool.checkpoint(range.to(), some);
        return all.plus(some);
    }

    private static Instant behind(byte[] hour) {
        return Instant.parse(new String(hour, StandardCharsets.US_ASCII)).plus(Duration.ofHours(1));
    }

    /** Of the checkpoints of an earlier run, the first ones, as far as usage has not changed since. */
    private static List<Checkpoint> unchanged(List<Checkpoint> left, UsageExportStore.State state, UsageRange range) {
        Instant from = range.from();
        for (int i = 0; i < left.size(); i++) {
            Checkpoint each = left.get(i);
            if (!state.sums(from, each.to()).equals(each.sums())) {
                return left.subList(0, i);
            }
            from = each.to();
        }
        return left;
    }

    private static WholeFile place(RowSpool spool, ExportFormat format, Path target) throws IOException {
        WholeFile whole = spool.whole();
        if (format == ExportFormat.CSV) {
            NewFile.place(spool.file(), target);
        } else {
            // Nobody else's: whoever writes it has the target's lock.
            Path converted = target.resolveSibling(target.getFileName() + ".new");
            try (InputStream rows = Files.newInputStream(spool.file())) {
                convert(rows, format, converted);
            }
            DurableFiles.sync(converted);
            whole = WholeFile.of(converted);
            NewFile.place(converted, target);
        }
        spool.remove();
        return whole;
    }

    private static void convert(InputStream rows, ExportFormat format, Path file) throws IOException {
        if (format == ExportFormat.PARQUET) {
            ParquetUsage.write(rows, file);
        } else {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 18)) {
                JsonLines.write(rows, out);
            }
        }
    }

    /** What must be the same for a run to go on with what another one left. */
    private String head(UsageExportStore.State state, UsageRange range, ExportFormat format) {
        return new ObjectMapper()
                .createObjectNode()
                .put("what", "usage")
                .put("from", range.from().toString())
                .put("to", range.to().toString())
                .put("texts", format == ExportFormat.CSV ? "spreadsheet" : "as they are")
                .put("names", state.names())
                .put("counterfoil", version)
                .toString();
    }

    private static Map<String, String> parameters(UsageRange range) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("from", range.from().toString());
        parameters.put("to", range.to().toString());
        return parameters;
    }

    private static Map<String, BigDecimal> totals(UsageSums sums) {
        Map<String, BigDecimal> totals = new LinkedHashMap<>();
        totals.put("requests", Manifest.whole(sums.requests()));
        totals.put("units", Manifest.whole(sums.units()));
        totals.put("bytes_in", Manifest.whole(sums.bytesIn()));
        totals.put("bytes_out", Manifest.whole(sums.bytesOut()));
        totals.put("duration_us", Manifest.whole(sums.durationMicros()));
        return totals;
    }
}
