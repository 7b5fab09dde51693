package io.counterfoil.jobs.dispute;

import io.counterfoil.jobs.archive.ArchivedRecords;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.archive.AuditStore.AuditedFile;
import io.counterfoil.sql.dispute.DisputeRows;
import io.counterfoil.sql.dispute.DisputeRows.Hour;
import io.counterfoil.sql.invoice.LineQuery.HourOfLine;
import io.counterfoil.sql.rollup.SegmentKey;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Writes one CSV file that shows how a bill came about: its lines with their rates, the hours of each line, and the log's records of each
 * hour, with their sums held against what was billed. Only the account's own keys are in it. Memory does not grow with the records.
 */
public final class DisputeJob {
    private final Jdbi jdbi;
    private final Optional<RecordPlaces> places;

    /** @param places where records lie; empty: the file ends at the hours */
    public DisputeJob(Jdbi jdbi, Optional<RecordPlaces> places) {
        this.jdbi = jdbi;
        this.places = places;
    }

    /**
     * All of a final invoice.
     *
     * @param out written whole or not at all; replaced where it is there
     * @throws OperatorException category INPUT where there is no such invoice or the file cannot be written; DOWN where landing or archive cannot
     *     be reached; CORRUPT where the archive is not what was written
     */
    public Disputed invoice(long number, Path out) {
        return write(out, reader -> reader.invoice(number));
    }

    /** A key's hour, billed or not. Otherwise as {@link #invoice}. */
    public Disputed hour(String label, Instant hour, Path out) {
        if (hour.getEpochSecond() % 3600 != 0 || hour.getNano() != 0) {
            throw OperatorException.input(
                    "--hour is '" + hour + "', expected the beginning of a UTC hour, as 2026-10-03T05:00:00Z");
        }
        return write(out, reader -> reader.hour(label, hour));
    }

    private Disputed write(Path out, Function<DisputeReader, Dispute> what) {
        return jdbi.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, handle -> {
            handle.execute("set transaction read only");
            // The landing and the disk may take their time.
            handle.execute("set local idle_in_transaction_session_timeout = 0");
            Dispute dispute = what.apply(new DisputeReader(handle));
            try (DisputeFile file = new DisputeFile(out)) {
                Disputed disputed = write(handle, dispute, file);
                file.commit();
                return disputed;
            } catch (UncheckedIOException e) {
                throw OperatorException.input(
                        "--out " + out + " cannot be written: " + e.getMessage() + "; expected a disk with room");
            }
        });
    }

    private Disputed write(Handle handle, Dispute dispute, DisputeFile file) {
        dispute.head().accept(file);
        dispute.lines().forEach(line -> line.write(file));
        Checks checks = new Checks();
        DisputeRows rows = new DisputeRows(handle);
        long records = 0;
        long notFound = 0;
        try (Records found = new Records(rows, dispute)) {
            for (Hour hour : dispute.hours()) {
                dispute.lines().forEach(line -> hourOf(line, hour, file));
                if (places.isPresent()) {
                    HourCheck check = new HourCheck(dispute, hour, file);
                    found.of(hour, check);
                    check.check(checks);
                    records += check.records();
                    notFound += check.notFound();
                }
            }
            if (notFound > 0) {
                found.tellUnreadable(file);
            }
        }
        for (DisputedLine line : dispute.lines()) {
            line.quantity().ifPresent(quantity -> {
                DisputeFile.Row row = file.row("total")
                        .put(Column.LINE, line.number())
                        .put(Column.NAME, line.name())
                        .put(
                                Column.MEASURE,
                                line.counts().orElseThrow().measure().text())
                        .put(Column.QUANTITY, quantity);
                checks.write(row, "line " + line.number() + ", all its hours", quantity, Dispute.onInvoice(line));
            });
        }
        file.row("result")
                .put(
                        Column.NAME,
                        (checks.differences() == 0 ? "all equal" : checks.differences() + " checks differ")
                                + (places.isEmpty() ? "; records were not asked for" : "")
                                + (notFound > 0 ? "; " + notFound + " records were not found" : ""))
                .put(Column.DIFFERENCE, notFound)
                .put(Column.RESULT, checks.differences() == 0 ? "equal" : "differs")
                .write();
        return new Disputed(
                dispute.lines().size(),
                dispute.hours().size(),
                records,
                notFound,
                checks.differences(),
                checks.first());
    }

    private static void hourOf(DisputedLine line, Hour hour, DisputeFile file) {
        HourOfLine of = line.hours().get(hour.hour());
        if (of != null) {
            file.row("hour")
                    .put(Column.LINE, line.number())
                    .put(Column.NAME, line.name())
                    .put(Column.HOUR, hour.hour())
                    .put(Column.MEASURE, line.counts().orElseThrow().measure().text())
                    .put(Column.QUANTITY, of.onInvoice())
                    .put(Column.COUNTED_LATER, of.later())
                    .write();
        }
    }

    /** From the landing; what it has not from the archive. */
    private final class Records implements AutoCloseable {
        private final DisputeRows rows;
        private final Dispute dispute;
        private final Optional<LandedRecords> landed;
        private Optional<ArchivedRecords> archive = Optional.empty();

        Records(DisputeRows rows, Dispute dispute) {
            this.rows = rows;
            this.dispute = dispute;
            this.landed = places.map(each -> new LandedRecords(
                    each.landing(),
                    rows,
                    dispute.scope().from(),
                    dispute.scope().to()));
        }

        void of(Hour hour, HourCheck check) {
            Set<Long> keys = dispute.keys(hour.hour());
            Set<SegmentKey> read = landed.orElseThrow()
                    .hour(hour.hour(), keys, (record, batch) -> check.record(record, Optional.of(batch)));
            if (check.isWhole()) {
                return;
            }
            List<AuditedFile> files = rows.files(hour.hour());
            if (!files.isEmpty()) {
                archived(files, hour, keys, read, check);
            }
        }

        /** The archive has what is in the landing too. */
        private void archived(
                List<AuditedFile> files, Hour hour, Set<Long> keys, Set<SegmentKey> read, HourCheck check) {
            if (archive.isEmpty()) {
                archive = Optional.of(places.orElseThrow().archive().get());
            }
            Segments segments = new Segments(rows);
            archive.get().hour(files, hour.hour(), keys, placed -> {
                if (!read.contains(placed.segment())) {
                    segments.at(placed.segment());
                    if (!segments.rejected.contains(placed.record().seq())) {
                        check.record(placed, segments.batch);
                    }
                }
            });
        }

        void tellUnreadable(DisputeFile file) {
            landed.ifPresent(of -> of.unreadable()
                    .forEach((segment, why) -> file.row("unreadable")
                            .put(Column.SEGMENT, segment.toString())
                            .put(Column.NAME, why)
                            .write()));
        }

        @Override
        public void close() {
            landed.ifPresent(LandedRecords::close);
        }
    }

    /** What the ledger says of the segments that records come from. */
    private static final class Segments {
        private final DisputeRows rows;
        private Optional<SegmentKey> current = Optional.empty();
        private Set<Long> rejected = new HashSet<>();
        private Optional<Long> batch = Optional.empty();

        Segments(DisputeRows rows) {
            this.rows = rows;
        }

        void at(SegmentKey segment) {
            if (!current.equals(Optional.of(segment))) {
                current = Optional.of(segment);
                rejected = rows.rejected(segment);
                batch = rows.batch(segment);
            }
        }
    }
}
