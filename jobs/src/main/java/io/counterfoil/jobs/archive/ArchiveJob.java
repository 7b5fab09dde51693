package io.counterfoil.jobs.archive;

import io.counterfoil.jobs.landing.BoundLanding;
import io.counterfoil.jobs.landing.LandingPlace;
import io.counterfoil.jobs.spark.TaskFailures;
import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.SessionLock;
import io.counterfoil.sql.archive.ArchiveStore;
import io.counterfoil.sql.archive.ArchiveStore.ArchivedFile;
import io.counterfoil.sql.rollup.SegmentKey;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.jdbi.v3.core.Jdbi;

import javax.sql.DataSource;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Writes counted segments as Parquet by hour, sorted by key and time, for good. Everything is read back, page checksums verified,
 * before the ledger gives the segments to the archive in one transaction; only then do the files move to where readers look. May be
 * killed or run twice at any point: a segment is archived once.
 */
public final class ArchiveJob {
    private static final long MAX_BYTES = 4L << 30;
    private static final int MAX_SEGMENTS = 20_000;

    private final SparkSession spark;
    private final LandingPlace landing;
    private final ArchiveFolder archive;
    private final DataSource database;
    private final InstantSource clock;
    private final ArchiveStore store;

    public ArchiveJob(SparkSession spark, String landing, String archive, String databaseUrl, InstantSource clock) {
        this.spark = spark;
        this.landing = LandingPlace.of(landing, spark);
        this.archive = ArchiveFolder.open(archive, spark.sessionState().newHadoopConf());
        this.database = DatabaseAccess.dataSource(databaseUrl);
        this.clock = clock;
        Jdbi jdbi = DatabaseAccess.jdbi(this.database);
        BoundLanding.check("landing", landing, this.landing::bind, jdbi);
        BoundLanding.check("archive", archive, this.archive::bind, jdbi);
        this.store = new ArchiveStore(jdbi);
    }

    /**
     * Archives until nothing is left; waits where another run is at it. Segments that are not what was counted are left out, and told
     * once all others are archived.
     *
     * @param progress told after each archive what all of them hold
     * @throws OperatorException category CORRUPT where segments were left out, or what is read back is not what was written; DOWN where landing, archive or
     *     database cannot be reached; what was archived before stays
     */
    public ArchiveResult run(Consumer<ArchiveResult> progress) {
        try (SessionLock lock = SessionLock.take(database, "archive")) {
            finishEarlierRuns();
            ArchiveResult all = ArchiveResult.NOTHING;
            Map<SegmentKey, String> corrupt = new TreeMap<>(Comparator.comparing(SegmentKey::toString));
            while (true) {
                Optional<ArchiveStore.Plan> plan =
                        store.plan(clock.instant(), MAX_BYTES, MAX_SEGMENTS, corrupt.keySet());
                if (plan.isEmpty()) {
                    tell(corrupt);
                    return all;
                }
                Optional<ArchiveResult> archived = archive(plan.get(), corrupt);
                if (archived.isPresent()) {
                    all = all.plus(archived.get());
                    progress.accept(all);
                }
            }
        } catch (IOException e) {
            throw OperatorException.down(
                    "archive " + archive + " cannot be read or written: " + e.getMessage()
                            + "; nothing is lost, run it again",
                    e);
        }
    }

    private void tell(Map<SegmentKey, String> corrupt) {
        if (!corrupt.isEmpty()) {
            SegmentKey first = corrupt.keySet().iterator().next();
            throw OperatorException.corrupt("segments that were counted are not in the landing as they were: "
                    + corrupt.size() + ", the first " + first + ": " + corrupt.get(first)
                    + "; all others are archived. Give the right data, from the edge's disk or a backup: counterfoil"
                    + " quarantine repair " + first + " FILE --reason TEXT");
        }
    }

    private void finishEarlierRuns() throws IOException {
        for (long id : store.unpublished()) {
            publish(id);
        }
        store.cleanPlans();
        for (long id : archive.pendingArchives()) {
            if (store.isOver(id)) {
                archive.deletePending(id);
            }
        }
    }

    /** Empty where nothing came of it, and it is to be planned anew. */
    private Optional<ArchiveResult> archive(ArchiveStore.Plan plan, Map<SegmentKey, String> corrupt)
            throws IOException {
        ArchiveTasks.Result written = run(plan);
        if (!written.corrupt().isEmpty()) {
            corrupt.putAll(written.corrupt());
            return giveUp(plan);
        }
        if (!written.files().isEmpty() || plan.records() > 0) {
            verify(plan, written.files());
        }
        List<ArchivedFile> files = named(plan, written.files());
        if (!store.commit(plan, files, clock.instant())) {
            // A run that lost its lock on the way; its segments are its own.
            return giveUp(plan);
        }
        publish(plan.id());
        store.cleanPlans();
        return Optional.of(new ArchiveResult(
                1,
                plan.segments().size(),
                plan.records(),
                files.size(),
                files.stream().mapToLong(ArchivedFile::bytes).sum()));
    }

    private Optional<ArchiveResult> giveUp(ArchiveStore.Plan plan) throws IOException {
        store.drop(plan.id());
        archive.deletePending(plan.id());
        return Optional.empty();
    }

    private void publish(long id) throws IOException {
        for (ArchivedFile file : store.files(id)) {
            archive.publish(file);
        }
        store.published(id, clock.instant());
        archive.deletePending(id);
    }

    private ArchiveTasks.Result run(ArchiveStore.Plan plan) {
        if (plan.records() == 0) {
            return new ArchiveTasks.Result(List.of(), Map.of());
        }
        try {
            return new ArchiveTasks(landing, archive, plan.id())
                    .run(JavaSparkContext.fromSparkContext(spark.sparkContext()), plan);
        } catch (Exception e) {
            throw TaskFailures.told("archive's tasks could not read the landing or write " + archive, e);
        }
    }

    /** Never by a name that another archive may have had: a database that was restored gives the same numbers again. */
    private List<ArchivedFile> named(ArchiveStore.Plan plan, List<WrittenFile> written) {
        String unique = plan.id() + "-" + UUID.randomUUID().toString().substring(0, 8);
        List<ArchivedFile> files = new ArrayList<>();
        Map<Integer, Integer> perHour = new HashMap<>();
        for (WrittenFile each : written) {
            Optional<Instant> hour = each.hour() == SortedRecords.UNKNOWN_HOUR
                    ? Optional.empty()
                    : Optional.of(Instant.ofEpochSecond(each.hour() * 3600L));
            int number = perHour.merge(each.hour(), 1, Integer::sum);
            files.add(new ArchivedFile(
                    ArchiveFolder.hour(hour) + "/" + unique + "-" + number + ".parquet",
                    each.path(),
                    hour,
                    each.records(),
                    each.bytes()));
        }
        return files;
    }

    /** Reads everything back. */
    private void verify(ArchiveStore.Plan plan, List<WrittenFile> written) {
        Map<String, WrittenFile> unread = new HashMap<>();
        List<String> paths = new ArrayList<>();
        for (WrittenFile file : written) {
            unread.put(file.path(), file);
            paths.add(archive.absolute(file.path()));
        }
        List<Row> found;
        try {
            found = spark.read()
                    .option("parquet.page.verify-checksum.enabled", "true")
                    .parquet(paths.toArray(String[]::new))
                    .groupBy(functions.expr("_metadata.file_path").as("file"))
                    .agg(functions.count(functions.lit(1)), functions.expr(RecordFile.DIGEST))
                    .collectAsList();
        } catch (Exception e) {
            throw TaskFailures.told("archive's tasks could not read back what they wrote to " + archive, e);
        }
        long records = 0;
        for (Row row : found) {
            String path = row.getString(0);
            WrittenFile file = unread.remove(path.substring(path.lastIndexOf(ArchiveFolder.pending(plan.id()))));
            if (file == null || file.records() != row.getLong(1) || file.digest() != row.getLong(2)) {
                throw OperatorException.corrupt("archive file " + path + ": " + row.getLong(1) + " records with digest "
                        + row.getLong(2) + " were read back, written was " + file
                        + "; nothing was archived, run it again");
            }
            records += file.records();
        }
        if (records != plan.records() || !unread.isEmpty()) {
            throw OperatorException.corrupt("archive " + plan.id() + ": the ledger counted " + plan.records()
                    + " records, " + records + " were written and read back; not found: " + unread.keySet()
                    + "; nothing was archived, run it again");
        }
    }
}
