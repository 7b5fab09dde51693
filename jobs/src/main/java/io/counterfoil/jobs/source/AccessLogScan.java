package io.counterfoil.jobs.source;

import io.counterfoil.accesslog.landing.LandingReader;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.jobs.landing.LandingPlace;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Which segments are read, by whom. */
final class AccessLogScan implements Scan, Batch {
    private static final int PAGE = 4096;
    /** A task's worth of work, uncompressed. */
    private static final long PARTITION_BYTES = 256L << 20;

    private final LandingPlace landing;
    private final int parallel;
    private final List<String> named;
    private final StructType columns;
    private final TimeRange times;

    AccessLogScan(SparkSession spark, CaseInsensitiveStringMap options, StructType columns, TimeRange times) {
        String path = options.get("path");
        if (path == null || path.isBlank()) {
            throw new IllegalArgumentException(
                    "no landing is named; expected .load(\"a folder, hdfs://… or s3a://…\")");
        }
        this.landing = LandingPlace.of(path, spark);
        this.parallel = spark.sparkContext().defaultParallelism();
        String segments = options.getOrDefault("segments", "");
        this.named = segments.lines().filter(line -> !line.isBlank()).toList();
        this.columns = columns;
        this.times = times;
    }

    @Override
    public StructType readSchema() {
        return columns;
    }

    @Override
    public String description() {
        return "access-log " + landing;
    }

    @Override
    public Batch toBatch() {
        return this;
    }

    @Override
    public InputPartition[] planInputPartitions() {
        List<AccessLogPartition> partitions = new ArrayList<>();
        if (named.isEmpty()) {
            byBytes(seals(), partitions);
        } else {
            int each = Math.max(1, (named.size() + parallel * 4 - 1) / (parallel * 4));
            for (int from = 0; from < named.size(); from += each) {
                partitions.add(new AccessLogPartition(
                        new ArrayList<>(named.subList(from, Math.min(named.size(), from + each)))));
            }
        }
        return partitions.toArray(InputPartition[]::new);
    }

    private List<Seal> seals() {
        List<Seal> seals = new ArrayList<>();
        try {
            LandingReader reader = landing.open();
            for (StreamId stream : reader.streams()) {
                long after = 0;
                List<Seal> page;
                do {
                    page = reader.sealsAfter(stream, after, PAGE);
                    for (Seal seal : page) {
                        after = seal.id().number();
                        if (times.touches(seal.records())) {
                            seals.add(seal);
                        }
                    }
                } while (page.size() == PAGE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("landing " + landing + " cannot be listed: " + e.getMessage(), e);
        }
        return seals;
    }

    private void byBytes(List<Seal> seals, List<AccessLogPartition> partitions) {
        long all = seals.stream().mapToLong(Seal::bytes).sum();
        long most = Math.max(1 << 20, Math.min(PARTITION_BYTES, all / parallel));
        ArrayList<String> names = new ArrayList<>();
        long bytes = 0;
        for (Seal seal : seals) {
            names.add(seal.id().toString());
            bytes += seal.bytes();
            if (bytes >= most) {
                partitions.add(new AccessLogPartition(names));
                names = new ArrayList<>();
                bytes = 0;
            }
        }
        if (!names.isEmpty()) {
            partitions.add(new AccessLogPartition(names));
        }
    }

    @Override
    public PartitionReaderFactory createReaderFactory() {
        return new AccessLogReaderFactory(landing, columns);
    }

    /** How many segments it would read; for tests. */
    long segments() {
        return Arrays.stream(planInputPartitions())
                .mapToLong(
                        partition -> ((AccessLogPartition) partition).segments().size())
                .sum();
    }
}
