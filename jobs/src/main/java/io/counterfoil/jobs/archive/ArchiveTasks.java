package io.counterfoil.jobs.archive;

import io.counterfoil.accesslog.landing.LandingReader;
import io.counterfoil.accesslog.landing.SegmentReader;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.segment.CorruptSegmentException;
import io.counterfoil.jobs.landing.LandingPlace;
import io.counterfoil.sql.archive.ArchiveStore.Plan;
import io.counterfoil.sql.archive.ArchiveStore.PlannedSegment;
import io.counterfoil.sql.rollup.SegmentKey;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * The part of an archive that runs on executors: read and verify whole segments, sort their records in memory, and write a Parquet
 * file an hour below a folder of the task attempt's own. What the job returns names the files of the attempts that Spark accepted;
 * files of all others stay unread.
 */
record ArchiveTasks(LandingPlace landing, ArchiveFolder archive, long id) implements Serializable {
    private static final long serialVersionUID = 1L;
    /** What a task holds in memory, uncompressed; more only where one segment is larger, less where executors are small. */
    private static final long TASK_BYTES = 128L << 20;

    private static final long LEAST_TASK_BYTES = 8L << 20;
    /** Lines, where they are, and a row group on its way to the file take less than so many times the lines. */
    private static final int MEMORY_FACTOR = 4;

    /**
     * What a task did.
     *
     * @param corrupt segments that are not what was counted, and why; where there are any, the files are not wanted
     */
    record Result(List<WrittenFile> files, Map<SegmentKey, String> corrupt) implements Serializable {
        private static final long serialVersionUID = 1L;

        Result plus(Result other) {
            List<WrittenFile> allFiles = new ArrayList<>(files);
            allFiles.addAll(other.files);
            Map<SegmentKey, String> allCorrupt = new HashMap<>(corrupt);
            allCorrupt.putAll(other.corrupt);
            return new Result(allFiles, allCorrupt);
        }
    }

    Result run(JavaSparkContext spark, Plan plan) {
        List<ArrayList<PlannedSegment>> groups = packed(plan.segments(), taskBytes(spark));
        return spark.parallelize(groups, groups.size()).mapPartitions(this::write).collect().stream()
                .reduce(new Result(List.of(), Map.of()), Result::plus);
    }

    /** By an executor's memory and how many tasks share it. */
    private static long taskBytes(JavaSparkContext spark) {
        SparkConf conf = spark.getConf();
        long memory =
                spark.isLocal() ? Runtime.getRuntime().maxMemory() : conf.getSizeAsBytes("spark.executor.memory", "1g");
        int tasks = conf.getInt("spark.executor.cores", spark.defaultParallelism());
        return Math.max(LEAST_TASK_BYTES, Math.min(TASK_BYTES, memory / MEMORY_FACTOR / Math.max(1, tasks)));
    }

    /** In the plan's order, which is that of time. */
    private static List<ArrayList<PlannedSegment>> packed(List<PlannedSegment> segments, long taskBytes) {
        List<ArrayList<PlannedSegment>> groups = new ArrayList<>();
        long bytes = 0;
        for (PlannedSegment segment : segments) {
            if (groups.isEmpty() || bytes + segment.bytes() > taskBytes) {
                groups.add(new ArrayList<>());
                bytes = 0;
            }
            groups.get(groups.size() - 1).add(segment);
            bytes += segment.bytes();
        }
        return groups;
    }

    private Iterator<Result> write(Iterator<ArrayList<PlannedSegment>> groups) throws IOException {
        TaskContext task = TaskContext.get();
        List<WrittenFile> written = new ArrayList<>();
        Map<SegmentKey, String> corrupt = new HashMap<>();
        while (groups.hasNext()) {
            SortedRecords records = read(groups.next(), corrupt);
            String folder = ArchiveFolder.pending(id) + "/" + task.partitionId() + "-" + task.taskAttemptId();
            for (SortedRecords.Hour hour : corrupt.isEmpty() ? records.hours() : List.<SortedRecords.Hour>of()) {
                String path = folder + "/" + hour.number() + ".parquet";
                long digest = RecordFile.write(archive.absolute(path), archive.settings(), records, hour);
                archive.sync(path);
                written.add(new WrittenFile(path, hour.number(), hour.records(), digest, archive.bytes(path)));
            }
        }
        return List.of(new Result(written, corrupt)).iterator();
    }

    private SortedRecords read(List<PlannedSegment> planned, Map<SegmentKey, String> corrupt) throws IOException {
        LandingReader from = landing.open();
        SegmentReader reader = new SegmentReader(from);
        SortedRecords records = new SortedRecords(Math.toIntExact(
                planned.stream().mapToLong(PlannedSegment::records).sum()));
        for (PlannedSegment each : planned) {
            try {
                records.add(reader, seal(from, each));
            } catch (CorruptSegmentException e) {
                corrupt.put(each.key(), String.valueOf(e.getMessage()));
            }
        }
        records.sort();
        return records;
    }

    private static Seal seal(LandingReader from, PlannedSegment planned) throws IOException, CorruptSegmentException {
        SegmentId id = SegmentId.parse(planned.key().toString());
        Seal seal;
        try {
            seal = from.seal(id);
        } catch (NoSuchFileException | FileNotFoundException e) {
            throw new CorruptSegmentException(id, "its seal is not there");
        }
        if (!seal.sha256().equals(planned.sha256())) {
            throw new CorruptSegmentException(
                    id, "its seal states sha256 " + seal.sha256() + ", counted was " + planned.sha256());
        }
        return seal;
    }
}
