package io.counterfoil.jobs.rollup;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.SealJson;
import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.rollup.SegmentKey;
import io.counterfoil.sql.rollup.StagedAttempt;
import io.counterfoil.sql.rollup.StagedReject;
import io.counterfoil.sql.rollup.StagedSegment;
import io.counterfoil.sql.rollup.StagedUsage;
import io.counterfoil.sql.rollup.StagingWriter;
import org.apache.spark.HashPartitioner;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The part of a rollup that runs on executors: read and verify whole segments, sum, exchange so that equal keys meet, and copy the
 * result into staging. The plan travels with the tasks; nothing is listed anew. What the job returns is one {@link StagedAttempt} a
 * partition, of the attempt that Spark accepted; rows of all other attempts stay unread.
 *
 * @param latestMicros records from here on are rejects
 * @param overlapping planned segments that are to be quarantined unread
 */
record StagingTasks(
        String landingFolder, String databaseUrl, long batch, long latestMicros, Set<SegmentKey> overlapping)
        implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final long LINES_A_PARTITION = 2_000_000;

    List<StagedAttempt> run(JavaSparkContext spark, RollupPlan plan) {
        int parallel = spark.defaultParallelism();
        List<ArrayList<byte[]>> groups = plan.packed(parallel).stream()
                .map(group ->
                        new ArrayList<>(group.stream().map(SealJson::write).toList()))
                .toList();
        int partitions = (int) Math.min(parallel, 1 + plan.lines() / LINES_A_PARTITION);
        return spark.parallelize(groups, groups.size())
                .mapPartitionsToPair(this::count)
                .partitionBy(new HashPartitioner(partitions))
                .mapPartitionsWithIndex((part, rows) -> stage(part, rows).iterator(), true)
                .collect();
    }

    private Iterator<Tuple2<StagingKey, StagingValue>> count(Iterator<ArrayList<byte[]>> groups) throws IOException {
        SegmentCounter counter = new SegmentCounter(new FolderLanding(Path.of(landingFolder)), latestMicros);
        while (groups.hasNext()) {
            for (byte[] json : groups.next()) {
                Seal seal = SealJson.read(json);
                if (overlapping.contains(SegmentCounter.key(seal.id()))) {
                    counter.quarantine(seal, "its sequence numbers are another segment's of its stream too");
                } else {
                    counter.count(seal);
                }
            }
        }
        List<Tuple2<StagingKey, StagingValue>> rows = new ArrayList<>();
        counter.sums().forEach((key, sums) -> rows.add(new Tuple2<>(key, sums)));
        counter.verdicts()
                .forEach(verdict ->
                        rows.add(new Tuple2<>(new VerdictKey(verdict.segment().segment()), verdict)));
        return rows.iterator();
    }

    private List<StagedAttempt> stage(int part, Iterator<Tuple2<StagingKey, StagingValue>> rows)
            throws SQLException, IOException {
        Map<UsageKey, StagingValue.Sums> sums = new HashMap<>();
        List<StagedSegment> segments = new ArrayList<>();
        List<StagedReject> rejects = new ArrayList<>();
        while (rows.hasNext()) {
            Tuple2<StagingKey, StagingValue> row = rows.next();
            if (row._1() instanceof UsageKey key && row._2() instanceof StagingValue.Sums value) {
                sums.merge(key, value, StagingValue.Sums::plus);
            } else if (row._2() instanceof StagingValue.Verdict verdict) {
                segments.add(verdict.segment());
                rejects.addAll(verdict.rejects());
            }
        }
        List<StagedUsage> usage = new ArrayList<>(sums.size());
        sums.forEach((key, sum) -> usage.add(new StagedUsage(
                key.hourSeconds(),
                key.keyId(),
                key.route(),
                key.outcome(),
                sum.requests(),
                sum.units(),
                sum.bytesIn(),
                sum.bytesOut(),
                sum.durationMicros())));
        long attempt = TaskContext.get().taskAttemptId();
        StagingWriter writer = new StagingWriter(DatabaseAccess.dataSource(databaseUrl));
        return List.of(writer.write(batch, part, attempt, usage, segments, rejects));
    }

    /** Spark prints what it runs; the database's URL may hold a password. */
    @Override
    public String toString() {
        return "StagingTasks[batch=" + batch + "]";
    }
}
