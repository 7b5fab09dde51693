package io.counterfoil.jobs.overshoot;

import io.counterfoil.sql.overshoot.OvershootStore.Crossing;
import io.counterfoil.sql.overshoot.OvershootStore.CrossingRecord;
import io.counterfoil.sql.overshoot.OvershootStore.Passed;
import io.counterfoil.sql.overshoot.OvershootStore.Told;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Finds in the records of one hour and what follows it with which of them limits were used up, by Spark SQL. */
final class Crossings {
    private static final StructType CANDIDATE =
            StructType.fromDDL("c int, key_id bigint, hour_us bigint, until_us bigint,"
                    + " before bigint, quota bigint, measure string, held string, outcomes array<string>");

    /** Records of the keys in question, in order, each with what was used in the window up to it. */
    private static final String RUNNING = """
            select *, before + sum(counts) over (
                partition by c order by ts_us, edge, epoch, stream, seq rows unbounded preceding) as used
            from (
              select c.*, l.edge, l.epoch, l.stream, l.segment, l.seq, l.ts_us, l.decision,
                case when not array_contains(c.outcomes, l.outcome) or l.outcome is null then 0L
                  when c.measure = 'requests' then 1L
                  when c.measure = 'units' then l.units
                  else l.bytes_out end as counts
              from log l
              join candidate c on l.key_id = c.key_id and l.ts_us >= c.hour_us and l.ts_us < c.until_us
              where l.route not like 'counterfoil.%')""";

    private static final String CROSSED = """
            select c, sum(case when ts_us < hour_us + 3600000000 then counts else 0L end) as in_hour,
              min(case when used >= quota then struct(ts_us, edge, epoch, stream, seq, segment) end) as at
            from running
            group by c""";

    /** By edge and key: the first record after the crossing that was refused or warned, and what the last one before it was. */
    private static final String HELD = """
            select r.c, r.edge, r.key_id,
              min(case when r.place > x.at and r.decision = r.held then r.ts_us end) as held_us,
              coalesce(max_by(r.decision, case when r.place <= x.at then r.place end) = first(r.held), false) as held_before
            from placed r
            join crossed x on x.c = r.c
            group by r.c, r.edge, r.key_id""";

    /** A key that was held before, by a limit of its own, tells nothing of when the edge came to hold this one. */
    private static final String PASSED = """
            select r.c, r.edge, r.key_id, r.ts_us div 3600000000 as hour,
              count_if(r.decision in ('admitted', 'warned') and r.decision <> r.held
                and (h.held_us is null or r.ts_us < h.held_us)) as passed, first(e.held_us) as held_us
            from placed r
            join crossed x on x.c = r.c and r.place > x.at
            join held h on h.c = r.c and h.edge = r.edge and h.key_id = r.key_id
            left join (select c, edge, min(held_us) as held_us from held where not held_before group by c, edge) e
              on e.c = r.c and e.edge = r.edge
            group by r.c, r.edge, r.key_id, r.ts_us div 3600000000
            having passed > 0 or held_us is not null""";

    private final SparkSession spark;
    private final String landing;
    private final List<String> segments;

    /** @param segments that hold the hour and what follows it */
    Crossings(SparkSession spark, String landing, List<String> segments) {
        // Of its own, for its views, and since Spark would make 200 tasks of a few thousand rows.
        this.spark = spark.newSession();
        this.spark.conf().set("spark.sql.shuffle.partitions", (long)
                spark.sparkContext().defaultParallelism());
        this.landing = landing;
        this.segments = segments;
    }

    static Told untold(Crossing crossing, String fault) {
        return new Told(crossing, Optional.empty(), fault, List.of());
    }

    /**
     * Tells each of them.
     *
     * @param crossings all of them in one hour
     * @param until up to when records are looked at
     */
    List<Told> tell(List<Crossing> crossings, Function<Crossing, Instant> until) {
        if (segments.isEmpty()) {
            return crossings.stream()
                    .map(each -> untold(each, "the hour's log is not in the landing any more"))
                    .toList();
        }
        candidates(crossings, until).createOrReplaceTempView("candidate");
        spark.read()
                .format("access-log")
                .option("segments", String.join("\n", segments))
                .load(landing)
                .createOrReplaceTempView("log");
        Dataset<Row> running = spark.sql(RUNNING).persist(StorageLevel.MEMORY_AND_DISK());
        try {
            running.createOrReplaceTempView("running");
            Dataset<Row> crossed = spark.sql(CROSSED);
            crossed.createOrReplaceTempView("crossed");
            spark.sql("select *, struct(ts_us, edge, epoch, stream, seq, segment) as place from running")
                    .createOrReplaceTempView("placed");
            spark.sql(HELD).createOrReplaceTempView("held");
            Map<Integer, Row> found = new HashMap<>();
            crossed.collectAsList().forEach(row -> found.put(row.getInt(0), row));
            Map<Integer, List<Passed>> passed = new HashMap<>();
            spark.sql(PASSED)
                    .collectAsList()
                    .forEach(row -> passed.computeIfAbsent(row.getInt(0), c -> new ArrayList<>())
                            .add(passed(row)));
            List<Told> told = new ArrayList<>();
            for (int c = 0; c < crossings.size(); c++) {
                told.add(told(crossings.get(c), Optional.ofNullable(found.get(c)), passed.getOrDefault(c, List.of())));
            }
            return told;
        } finally {
            running.unpersist();
        }
    }

    private Dataset<Row> candidates(List<Crossing> crossings, Function<Crossing, Instant> until) {
        List<Row> rows = new ArrayList<>();
        for (int c = 0; c < crossings.size(); c++) {
            Crossing each = crossings.get(c);
            for (long key : each.keys()) {
                rows.add(RowFactory.create(
                        c,
                        key,
                        micros(each.hour().orElseThrow()),
                        micros(until.apply(each)),
                        each.before(),
                        each.quota(),
                        each.measure(),
                        each.action().equals("refuse") ? "refused" : "warned",
                        each.outcomes().toArray(String[]::new)));
            }
        }
        return spark.createDataFrame(rows, CANDIDATE);
    }

    private static Told told(Crossing crossing, Optional<Row> found, List<Passed> passed) {
        long inLog = found.map(row -> row.getLong(1)).orElse(0L);
        if (inLog != crossing.used()) {
            return untold(
                    crossing,
                    "the hour's log in the landing has " + inLog + " of what is counted, " + crossing.used() + " "
                            + crossing.measure());
        }
        Row at = found.orElseThrow().getStruct(2);
        CrossingRecord record = new CrossingRecord(
                instant(at.getLong(0)), at.getString(1), at.getString(2), at.getInt(3), at.getLong(5));
        return new Told(crossing, Optional.of(record), "", passed);
    }

    private static Passed passed(Row row) {
        return new Passed(
                row.getString(1),
                row.getLong(2),
                Instant.ofEpochSecond(row.getLong(3) * 3600),
                row.getLong(4),
                row.isNullAt(5) ? Optional.empty() : Optional.of(instant(row.getLong(5))));
    }

    private static long micros(Instant time) {
        return time.toEpochMilli() * 1000;
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plusSeconds(micros / 1_000_000).plusNanos(micros % 1_000_000 * 1000);
    }
}
