package io.counterfoil.jobs.archive;

import io.counterfoil.jobs.archive.AuditResult.Difference;
import io.counterfoil.jobs.spark.TaskFailures;
import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.archive.AuditStore;
import io.counterfoil.sql.archive.AuditStore.AuditableHour;
import io.counterfoil.sql.archive.AuditStore.RejectedRecord;
import io.counterfoil.sql.archive.AuditStore.UsageRow;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Counts every hour again from the archive, by plain Spark SQL, and holds it against {@code usage_hourly}: no code of the rollup's
 * parsing or summing. Only hours are compared whose counted records are all archived; page checksums are verified on the way.
 */
public final class AuditJob {
    /** So many hours are compared and saved at once: their usage is held in memory. */
    private static final int PART_HOURS = 24;

    private static final List<Long> NOTHING = List.of(0L, 0L, 0L, 0L, 0L);
    private static final String COUNT = """
            select hour, key_id, route, outcome, count(*), sum(units), sum(bytes_in), sum(bytes_out), sum(duration_us)
            from (
              select ts_us div 3600000000 as hour, key_id, route, units, bytes_in, bytes_out, duration_us,
                case
                  when decision = 'refused' then 'refused'
                  when decision = 'unauthorized' then 'unauthorized'
                  when status between 100 and 399 then 'success'
                  when status between 400 and 499 then 'client_error'
                  else 'server_error'
                end as outcome
              from archived_log l
              left anti join rejected_record r
                on l.edge = r.edge and l.epoch = r.epoch and l.stream = r.stream and l.segment = r.segment and l.seq = r.seq)
            group by hour, key_id, route, outcome
            order by hour, key_id, route, outcome""";

    private final SparkSession spark;
    private final ArchiveFolder archive;
    private final InstantSource clock;
    private final AuditStore store;

    public AuditJob(SparkSession spark, String archive, String databaseUrl, InstantSource clock) {
        this.spark = spark;
        this.archive = ArchiveFolder.open(archive, spark.sessionState().newHadoopConf());
        this.clock = clock;
        this.store = new AuditStore(DatabaseAccess.jdbi(DatabaseAccess.dataSource(databaseUrl)));
    }

    /**
     * Audits what was not audited since something was added to it, or all.
     *
     * @param from the first hour; empty: from the beginning
     * @param to behind the last hour; empty: to the end
     * @throws OperatorException category CORRUPT where a page is not what was written, DOWN where the archive cannot be read
     */
    public AuditResult run(Optional<Instant> from, Optional<Instant> to, boolean all) {
        AuditResult audited = new AuditResult(0, 0, List.of());
        Optional<Instant> next = from;
        while (true) {
            List<UsageRow> counted = new ArrayList<>();
            AuditStore.Scope scope = store.scope(next, to, all, PART_HOURS, counted::add);
            if (scope.hours().isEmpty()) {
                return audited;
            }
            audited = audited.plus(audit(scope, counted));
            next = Optional.of(
                    scope.hours().get(scope.hours().size() - 1).hour().plus(Duration.ofHours(1)));
        }
    }

    private AuditResult audit(AuditStore.Scope scope, List<UsageRow> counted) {
        Comparison comparison = new Comparison(counted.iterator());
        if (!scope.files().isEmpty()) {
            try {
                for (AuditStore.AuditedFile file : scope.files()) {
                    archive.check(file.path(), file.bytes());
                }
                count(scope).forEachRemaining(comparison::archived);
            } catch (Exception e) {
                throw TaskFailures.told("audit could not read " + archive, e);
            }
        }
        comparison.end();
        save(scope, comparison);
        return new AuditResult(
                scope.hours().size(),
                comparison.records.values().stream().mapToLong(Long::longValue).sum(),
                comparison.differences);
    }

    private Iterator<UsageRow> count(AuditStore.Scope scope) {
        spark.read()
                .option("parquet.page.verify-checksum.enabled", "true")
                .parquet(scope.files().stream()
                        .map(file -> archive.absolute(file.path()))
                        .toArray(String[]::new))
                .createOrReplaceTempView("archived_log");
        rejected(scope.rejected()).createOrReplaceTempView("rejected_record");
        Iterator<Row> rows = spark.sql(COUNT).toLocalIterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public UsageRow next() {
                Row row = rows.next();
                return new UsageRow(
                        Instant.ofEpochSecond(row.getLong(0) * 3600),
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        List.of(row.getLong(4), row.getLong(5), row.getLong(6), row.getLong(7), row.getLong(8)));
            }
        };
    }

    private Dataset<Row> rejected(List<RejectedRecord> records) {
        List<Row> rows = records.stream()
                .map(each -> RowFactory.create(each.edge(), each.epoch(), each.stream(), each.segment(), each.seq()))
                .toList();
        return spark.createDataFrame(
                rows, StructType.fromDDL("edge string, epoch string, stream int, segment bigint, seq bigint"));
    }

    private void save(AuditStore.Scope scope, Comparison comparison) {
        List<AuditStore.Result> results = new ArrayList<>();
        for (AuditableHour hour : scope.hours()) {
            long differences = comparison.differences.stream()
                    .filter(each -> each.hour().equals(hour.hour()))
                    .count();
            results.add(new AuditStore.Result(hour, comparison.records.getOrDefault(hour.hour(), 0L), differences));
        }
        store.save(results, clock.instant());
    }

    /** Walks two sorted lists. */
    private static final class Comparison {
        private static final Comparator<UsageRow> ORDER = Comparator.comparing(UsageRow::hour)
                .thenComparing(UsageRow::keyId)
                .thenComparing(UsageRow::route)
                .thenComparing(UsageRow::outcome);

        private final Iterator<UsageRow> counted;
        private final List<Difference> differences = new ArrayList<>();
        private final Map<Instant, Long> records = new HashMap<>();
        private Optional<UsageRow> next;

        Comparison(Iterator<UsageRow> counted) {
            this.counted = counted;
            this.next = counted.hasNext() ? Optional.of(counted.next()) : Optional.empty();
        }

        void archived(UsageRow row) {
            records.merge(row.hour(), row.sums().get(0), Long::sum);
            while (next.isPresent() && ORDER.compare(next.get(), row) < 0) {
                missing();
            }
            List<Long> usage = NOTHING;
            if (next.isPresent() && ORDER.compare(next.get(), row) == 0) {
                usage = next.get().sums();
                advance();
            }
            if (!usage.equals(row.sums())) {
                differences.add(new Difference(row.hour(), row.keyId(), row.route(), row.outcome(), row.sums(), usage));
            }
        }

        void end() {
            while (next.isPresent()) {
                missing();
            }
        }

        private void missing() {
            UsageRow row = next.orElseThrow();
            if (!row.sums().equals(NOTHING)) {
                differences.add(
                        new Difference(row.hour(), row.keyId(), row.route(), row.outcome(), NOTHING, row.sums()));
            }
            advance();
        }

        private void advance() {
            next = counted.hasNext() ? Optional.of(counted.next()) : Optional.empty();
        }
    }
}
