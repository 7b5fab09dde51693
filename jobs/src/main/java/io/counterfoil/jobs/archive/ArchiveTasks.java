package io.counterfoil.jobs.archive;

import io.counterfoil.accesslog.landing.LandingReader;
import io.counterfoil.accesslog.landing.SegmentReader;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.segment.CorruptSegmentException;
import io.counterfoil.jobs.landing.LandingPlace;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.archive.ArchiveStore.Plan;
import io.counterfoil.sql.archive.ArchiveStore.PlannedSegment;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * The part of an archive that runs on executors: read and verify whole segments, sort their records in memory, and write a Parquet
 * file an hour below a folder of the task attempt's own. What the job returns names the files of the attempts that Spark accepted;
 * files of all others stay unread.
 */
record ArchiveTasks(LandingPlace landing, ArchiveFolder archive, long id) implements Serializable {
    private static final long serialVersionUID = 1L;
    /** What a task holds in memory, uncompressed; more only where one segment is larger. */
    private static final long TASK_BYTES = 128L << 20;

    List<WrittenFile> run(JavaSparkContext spark, Plan plan) {
        List<ArrayList<PlannedSegment>> groups = packed(plan.segments());
        return spark.parallelize(groups, groups.size())
                .mapPartitions(this::write)
                .collect();
    }

    /** In the plan's order, which is that of time. */
    private static List<ArrayList<PlannedSegment>> packed(List<PlannedSegment> segments) {
        List<ArrayList<PlannedSegment>> groups = new ArrayList<>();
        long bytes = 0;
        for (PlannedSegment segment : segments) {
            if (groups.isEmpty() || bytes + segment.bytes() > TASK_BYTES) {
                groups.add(new ArrayList<>());
                bytes = 0;
            }
            groups.get(groups.size() - 1).add(segment);
            bytes += segment.bytes();
        }
        return groups;
    }

    private Iterator<WrittenFile> write(Iterator<ArrayList<PlannedSegment>> groups) throws IOException {
        TaskContext task = TaskContext.get();
        List<WrittenFile> written = new ArrayList<>();
        while (groups.hasNext()) {
            SortedRecords records = read(groups.next());
            String folder = ArchiveFolder.pending(id) + "/" + task.partitionId() + "-" + task.taskAttemptId();
            for (SortedRecords.Hour hour : records.hours()) {
                String path = folder + "/" + hour.number() + ".parquet";
                long digest = RecordFile.write(archive.absolute(path), archive.settings(), records, hour);
                written.add(new WrittenFile(path, hour.number(), hour.records(), digest, archive.bytes(path)));
            }
        }
        return written.iterator();
    }

    private SortedRecords read(List<PlannedSegment> planned) throws IOException {
        LandingReader from = landing.open();
        SegmentReader reader = new SegmentReader(from);
        SortedRecords records = new SortedRecords(Math.toIntExact(
                planned.stream().mapToLong(PlannedSegment::records).sum()));
        for (PlannedSegment each : planned) {
            try {
                Seal seal = from.seal(SegmentId.parse(each.key().toString()));
                if (!seal.sha256().equals(each.sha256())) {
                    throw new CorruptSegmentException(
                            seal.id(), "the seal states sha256 " + seal.sha256() + ", counted was " + each.sha256());
                }
                records.add(reader, seal);
            } catch (CorruptSegmentException e) {
                throw OperatorException.corrupt("segment " + each.key() + " was counted and is not what was sealed: "
                        + e.getMessage() + "; nothing was archived; put it back from where it was copied, or"
                        + " ./counterfoil quarantine repair another copy of it");
            }
        }
        records.sort();
        return records;
    }
}
