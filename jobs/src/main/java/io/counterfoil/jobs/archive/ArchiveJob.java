package io.counterfoil.jobs.archive;

import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.SessionLock;
import io.counterfoil.sql.archive.ArchiveStore;
import io.counterfoil.sql.archive.ArchiveStore.ArchivedFile;
import io.counterfoil.sql.rollup.SegmentKey;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Observation;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

import javax.sql.DataSource;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Writes counted segments as Parquet by hour, sorted by key and time, for good. Everything is read back, page checksums verified,
 * before the ledger gives the segments to the archive in one transaction; only then do the files move to where readers look. May be
 * killed or run twice at any point: a segment is archived once.
 */
public final class ArchiveJob {
    private static final long MAX_BYTES = 4L << 30;
    private static final int MAX_SEGMENTS = 20_000;
    private static final long UNKNOWN_HOUR = -1;
    /**
     * As the rollup has it, in hours since 1970: a number is cheaper to shuffle and to compare than its text. Other times lie in a folder
     * of their own, for the record.
     */
    private static final String HOUR =
            "case when ts_us >= 631152000000000 and ts_us < 4102444800000000 then ts_us div 3600000000 else "
                    + UNKNOWN_HOUR + " end";

    private final SparkSession spark;
    private final String landing;
    private final ArchiveFolder archive;
    private final DataSource database;
    private final InstantSource clock;
    private final ArchiveStore store;

    public ArchiveJob(SparkSession spark, String landing, String archive, String databaseUrl, InstantSource clock) {
        this.spark = spark;
        this.landing = landing;
        this.archive = ArchiveFolder.open(archive, spark.sessionState().newHadoopConf());
        this.database = DatabaseAccess.dataSource(databaseUrl);
        this.clock = clock;
        this.store = new ArchiveStore(DatabaseAccess.jdbi(database));
    }

    /**
     * Archives until nothing is left; waits where another run is at it.
     *
     * @param progress told after each archive what all of them hold
     * @throws OperatorException category CORRUPT where what is read back is not what was written, DOWN where landing, archive or
     *     database cannot be reached; what was archived before stays
     */
    public ArchiveResult run(Consumer<ArchiveResult> progress) {
        try (SessionLock lock = SessionLock.take(database, "archive")) {
            finishEarlierRuns();
            ArchiveResult all = ArchiveResult.NOTHING;
            while (true) {
                Optional<ArchiveStore.Plan> plan = store.plan(clock.instant(), MAX_BYTES, MAX_SEGMENTS);
                if (plan.isEmpty()) {
                    return all;
                }
                all = all.plus(archive(plan.get()));
                progress.accept(all);
            }
        } catch (IOException e) {
            throw OperatorException.down(
                    "archive " + archive + " cannot be read or written: " + e.getMessage()
                            + "; nothing is lost, run it again",
                    e);
        }
    }

    private void finishEarlierRuns() throws IOException {
        for (long id : store.unpublished()) {
            publish(id);
        }
        store.cleanPlans();
        for (long id : archive.pendingArchives()) {
            if (!store.planned(id)) {
                archive.deletePending(id);
            }
        }
    }

    private ArchiveResult archive(ArchiveStore.Plan plan) throws IOException {
        List<ArchivedFile> files = plan.records() == 0 ? List.of() : write(plan);
        if (!store.commit(plan, files, clock.instant())) {
            throw new IllegalStateException("archive " + plan.id() + " lost segments to another one under its lock");
        }
        publish(plan.id());
        store.cleanPlans();
        return new ArchiveResult(
                1,
                plan.segments().size(),
                plan.records(),
                files.size(),
                files.stream().mapToLong(ArchivedFile::bytes).sum());
    }

    private void publish(long id) throws IOException {
        for (ArchivedFile file : store.files(id)) {
            archive.publish(file);
        }
        store.published(id, clock.instant());
        archive.deletePending(id);
    }

    private List<ArchivedFile> write(ArchiveStore.Plan plan) throws IOException {
        Dataset<Row> records = spark.read()
                .format("access-log")
                .option(
                        "segments",
                        plan.segments().stream().map(SegmentKey::toString).collect(Collectors.joining("\n")))
                .load(landing)
                .drop("outcome")
                .withColumn("hour", functions.expr(HOUR));
        Observation handedOver = new Observation("archive-" + plan.id());
        records.observe(
                        handedOver,
                        functions.count(functions.lit(1)).as("records"),
                        digest(records).as("digest"))
                // An hour a task, where Spark does not put small ones together: it sorts in memory.
                .repartition(functions.col("hour"))
                .sortWithinPartitions("hour", "key_id", "ts_us", "edge", "epoch", "stream", "seq")
                .write()
                .partitionBy("hour")
                .option("compression", "zstd")
                .option("parquet.page.write-checksum.enabled", "true")
                .mode("overwrite")
                .parquet(archive.pending(plan.id()));
        Map<String, Object> given = await(handedOver);
        return verify(plan, archive.pendingFiles(plan.id()), (long) given.get("records"), (long) given.get("digest"));
    }

    private static Map<String, Object> await(Observation observation) {
        try {
            return scala.jdk.javaapi.CollectionConverters.asJava(observation.get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while archiving; nothing is lost", e);
        }
    }

    /** Of every column of every record, in whatever order they come. */
    private static Column digest(Dataset<Row> records) {
        String columns = Arrays.stream(records.columns())
                .filter(column -> !column.equals("hour"))
                .collect(Collectors.joining(", "));
        return functions.expr("coalesce(bit_xor(xxhash64(" + columns + ")), 0L)");
    }

    /** Reads everything back. */
    private List<ArchivedFile> verify(ArchiveStore.Plan plan, List<String> pending, long records, long digest)
            throws IOException {
        Map<String, String> paths = new HashMap<>();
        pending.forEach(path -> paths.put(name(path), path));
        Dataset<Row> back = spark.read()
                .option("parquet.page.verify-checksum.enabled", "true")
                .parquet(pending.stream().map(archive::absolute).toArray(String[]::new));
        List<Row> found = back.groupBy(functions.expr("_metadata.file_path").as("file"))
                .agg(
                        functions.count(functions.lit(1)).as("records"),
                        digest(back).as("digest"))
                .collectAsList();
        long foundRecords = 0;
        long foundDigest = 0;
        List<ArchivedFile> files = new ArrayList<>();
        Map<String, Integer> perHour = new HashMap<>();
        found = new ArrayList<>(found);
        found.sort(java.util.Comparator.comparing((Row row) -> row.getString(0)));
        for (Row row : found) {
            String path = Optional.ofNullable(paths.get(name(row.getString(0))))
                    .orElseThrow(() -> new IllegalStateException("no pending file " + row.getString(0)));
            Optional<Instant> hour = hour(path.split("/", -1)[2]);
            String folder = ArchiveFolder.hour(hour);
            int number = perHour.merge(folder, 1, Integer::sum);
            files.add(new ArchivedFile(
                    folder + "/" + plan.id() + "-" + number + ".parquet",
                    path,
                    hour,
                    row.getLong(1),
                    archive.bytes(path)));
            foundRecords += row.getLong(1);
            foundDigest ^= row.getLong(2);
        }
        if (foundRecords != plan.records() || records != plan.records() || foundDigest != digest) {
            throw OperatorException.corrupt("archive " + plan.id() + ": the seals state " + plan.records()
                    + " records, " + records + " were written with digest " + digest + ", " + foundRecords
                    + " with digest " + foundDigest + " were read back; nothing was archived, run it again");
        }
        return files;
    }

    /** A task calls its files of all hours the same. */
    private static String name(String path) {
        return path.substring(path.lastIndexOf('/', path.lastIndexOf('/') - 1) + 1);
    }

    private static Optional<Instant> hour(String pendingFolder) {
        long hour = Long.parseLong(pendingFolder.substring("hour=".length()));
        return hour == UNKNOWN_HOUR ? Optional.empty() : Optional.of(Instant.ofEpochSecond(hour * 3600));
    }
}
