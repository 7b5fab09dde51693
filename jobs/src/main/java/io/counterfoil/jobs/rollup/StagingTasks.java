package io.counterfoil.jobs.rollup;

import io.counterfoil.accesslog.seal.SealJson;
import io.counterfoil.jobs.landing.LandingPlace;
import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.rollup.SegmentKey;
import io.counterfoil.sql.rollup.StagedAttempt;
import io.counterfoil.sql.rollup.StagedReject;
import io.counterfoil.sql.rollup.StagedSegment;
import io.counterfoil.sql.rollup.StagingWriter;
import org.apache.spark.Partitioner;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;

import java.io.IOException;
import java.io.Serializable;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The part of a rollup that runs on executors: read and verify whole segments, sum, exchange so that equal groups meet, and copy
 * the result into staging. The plan travels with the tasks; nothing is listed anew. What the job returns is one
 * {@link StagedAttempt} a partition, of the attempt that Spark accepted; rows of all other attempts stay unread.
 *
 * @param latestMicros records from here on are rejects
 * @param overlapping planned segments that are to be quarantined unread
 */
record StagingTasks(
        LandingPlace landing, String databaseUrl, long batch, long latestMicros, Set<SegmentKey> overlapping)
        implements Serializable {
    private static final long serialVersionUID = 1L;
    /** What a partition's table takes is bounded by its lines. */
    private static final long LINES_A_PARTITION = 2_000_000;

    List<StagedAttempt> run(JavaSparkContext spark, RollupPlan plan) {
        return exchanged(spark, plan)
                .mapPartitionsWithIndex(
                        (part, portions) -> Stream.of(stage(part, portions)).iterator(), true)
                .collect();
    }

    /** How many groups the plan's records have: all of {@link #run} but the staging. For the benchmark. */
    long groups(JavaSparkContext spark, RollupPlan plan) {
        return exchanged(spark, plan)
                .mapPartitionsWithIndex(
                        (part, portions) -> Stream.of(
                                        (long) sum(portions, new ArrayList<>()).groups())
                                .iterator(),
                        true)
                .reduce(Long::sum);
    }

    private JavaPairRDD<Integer, Portion> exchanged(JavaSparkContext spark, RollupPlan plan) {
        int parallel = spark.defaultParallelism();
        List<ArrayList<byte[]>> groups = plan.packed(parallel).stream()
                .map(group ->
                        new ArrayList<>(group.stream().map(SealJson::write).toList()))
                .toList();
        int partitions =
                (int) Math.max(1, Math.min(parallel * 4L, (plan.lines() + LINES_A_PARTITION - 1) / LINES_A_PARTITION));
        Map<SegmentKey, Set<Long>> retried = plan.retried();
        return spark.parallelize(groups, groups.size())
                .mapPartitionsToPair(seals -> count(seals, retried, partitions))
                .partitionBy(new ByNumber(partitions));
    }

    private Iterator<Tuple2<Integer, Portion>> count(
            Iterator<ArrayList<byte[]>> groups, Map<SegmentKey, Set<Long>> retried, int partitions) throws IOException {
        List<byte[]> seals = new ArrayList<>();
        groups.forEachRemaining(seals::addAll);
        SegmentCounter counter = new SegmentCounter(landing.open(), latestMicros, retried);
        return new CountedPortions(counter, seals.iterator(), overlapping, partitions);
    }

    private static UsageSums sum(Iterator<Tuple2<Integer, Portion>> portions, List<Portion.Verdict> verdicts)
            throws IOException {
        UsageSums sums = new UsageSums();
        while (portions.hasNext()) {
            Portion portion = portions.next()._2();
            if (portion.sums().length > 0) {
                sums.add(portion.sums());
            }
            verdicts.addAll(portion.verdicts());
        }
        return sums;
    }

    private StagedAttempt stage(int part, Iterator<Tuple2<Integer, Portion>> portions)
            throws SQLException, IOException {
        List<Portion.Verdict> verdicts = new ArrayList<>();
        UsageSums sums = sum(portions, verdicts);
        List<StagedSegment> segments =
                verdicts.stream().map(Portion.Verdict::segment).toList();
        List<StagedReject> rejects =
                verdicts.stream().flatMap(verdict -> verdict.rejects().stream()).toList();
        long attempt = TaskContext.get().taskAttemptId();
        StagingWriter writer = new StagingWriter(DatabaseAccess.dataSource(databaseUrl));
        return writer.write(batch, part, attempt, usage(sums), segments, rejects);
    }

    private static StagingWriter.UsageRows usage(UsageSums sums) {
        return out -> sums.forEach((hour, keyId, route, outcome, measures, at) ->
                out.row(hour * 3600L, keyId, route, outcome.text(), measures, at));
    }

    /** Spark prints what it runs; the database's URL may hold a password. */
    @Override
    public String toString() {
        return "StagingTasks[batch=" + batch + "]";
    }

    /** The key is the partition. */
    private static final class ByNumber extends Partitioner {
        private static final long serialVersionUID = 1L;

        private final int partitions;

        ByNumber(int partitions) {
            this.partitions = partitions;
        }

        @Override
        public int numPartitions() {
            return partitions;
        }

        @Override
        public int getPartition(Object key) {
            return (Integer) key;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof ByNumber that && that.partitions == partitions;
        }

        @Override
        public int hashCode() {
            return partitions;
        }
    }
}
