package io.counterfoil.jobs.archive;

import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.LogRecord;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.jobs.spark.TaskFailures;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.archive.AuditStore.AuditedFile;
import io.counterfoil.sql.rollup.SegmentKey;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

import java.time.Instant;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

import static org.apache.spark.sql.functions.col;

/** Reads some keys' records back from the archive, hour by hour; page checksums are verified on the way. */
public final class ArchivedRecords {
    private static final long HOUR_MICROS = 3_600_000_000L;

    private final SparkSession spark;
    private final ArchiveFolder archive;

    public ArchivedRecords(SparkSession spark, String archive) {
        this.spark = spark;
        this.archive = ArchiveFolder.open(archive, spark.sessionState().newHadoopConf());
    }

    /**
     * Gives an hour's records of those keys, in order of time.
     *
     * @param files all of the hour
     * @throws OperatorException category CORRUPT where a file is not there or is not what was written, DOWN where the archive cannot be read
     */
    public void hour(List<AuditedFile> files, Instant hour, Collection<Long> keys, Consumer<PlacedRecord> to) {
        long from = hour.getEpochSecond() * 1_000_000;
        try {
            for (AuditedFile file : files) {
                archive.check(file.path(), file.bytes());
            }
            Dataset<Row> rows = spark.read()
                    .option("parquet.page.verify-checksum.enabled", "true")
                    .parquet(files.stream()
                            .map(file -> archive.absolute(file.path()))
                            .toArray(String[]::new))
                    .filter(col("key_id").isInCollection(keys))
                    .filter(col("ts_us").geq(from).and(col("ts_us").lt(from + HOUR_MICROS)))
                    .orderBy("ts_us", "edge", "epoch", "stream", "segment", "seq");
            Iterator<Row> each = rows.toLocalIterator();
            while (each.hasNext()) {
                to.accept(record(each.next()));
            }
        } catch (OperatorException e) {
            throw e;
        } catch (Exception e) {
            throw TaskFailures.told("records could not be read from archive " + archive, e);
        }
    }

    private static PlacedRecord record(Row row) {
        RequestFacts facts = new RequestFacts(
                row.getLong(row.fieldIndex("key_id")),
                row.getString(row.fieldIndex("route")),
                row.getString(row.fieldIndex("method")),
                row.getInt(row.fieldIndex("status")),
                row.getLong(row.fieldIndex("bytes_in")),
                row.getLong(row.fieldIndex("bytes_out")),
                row.getLong(row.fieldIndex("duration_us")),
                row.getLong(row.fieldIndex("units")),
                Decision.parse(row.getString(row.fieldIndex("decision"))).orElseThrow(),
                row.getString(row.fieldIndex("request_id")),
                row.getString(row.fieldIndex("client")),
                row.getString(row.fieldIndex("path")));
        return new PlacedRecord(
                new SegmentKey(
                        row.getString(row.fieldIndex("edge")),
                        row.getString(row.fieldIndex("epoch")),
                        row.getInt(row.fieldIndex("stream")),
                        row.getLong(row.fieldIndex("segment"))),
                new LogRecord(row.getLong(row.fieldIndex("seq")), row.getLong(row.fieldIndex("ts_us")), facts));
    }
}
