package io.counterfoil.jobs.rollup;

import io.counterfoil.sql.hours.CoverageStore;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.hours.EdgeRosterStore;
import io.counterfoil.sql.hours.LostLogStore;
import io.counterfoil.sql.report.Report;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Jdbi;

import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TimeZone;
import java.util.TreeMap;

/**
 * A landing, its database, and what a rollup at some time of one day makes of their hours. In a JVM whose zone is Auckland, far from
 * the server's, until it is closed.
 */
final class RolledHours implements AutoCloseable {
    private final Path folder;
    private final TimeZone zone = TimeZone.getDefault();
    private final TestDatabase database;
    private final LandedSegments segments;

    RolledHours(Path folder) {
        TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Auckland"));
        this.folder = folder;
        this.database = TestDatabase.fresh();
        this.segments = new LandedSegments(folder, 1, 0);
    }

    @Override
    public void close() {
        TimeZone.setDefault(zone);
    }

    Jdbi jdbi() {
        return database.jdbi();
    }

    String databaseUrl() {
        return database.jdbcUrl();
    }

    void publish(LandedSegments.Built segment) throws Exception {
        segments.publish(segment);
    }

    EdgeLog begun(String edge, String time, int streams) {
        EdgeLog log = new EdgeLog(edge, at(time), streams, Optional.empty());
        register(edge, log, time);
        return log;
    }

    void register(String edge, EdgeLog log, String time) {
        new EdgeRosterStore(database.jdbi()).register(edge, Optional.of(log.epoch()), at(time));
    }

    LostLogStore.Lost declareLost(String edge, Optional<String> epoch, String time) {
        return new LostLogStore(database.jdbi()).declare(edge, epoch, decision(time));
    }

    static Decision decision(String time) {
        return new Decision("erin", "the disk burnt", at(time));
    }

    RollupResult rollup(String time) {
        return new RollupJob(
                        SparkForTests.session(), folder.toString(), database.jdbcUrl(), InstantSource.fixed(at(time)))
                .run();
    }

    static List<String> alarms(RollupResult result) {
        return result.alarms().stream().map(CoverageStore.Alarm::alarm).toList();
    }

    SortedMap<String, String> statuses(String time) {
        SortedMap<String, String> statuses = new TreeMap<>();
        rows(time).forEach(row -> statuses.put(row.get("hour"), row.get("status")));
        return statuses;
    }

    List<Map<String, String>> rows(String time) {
        return Report.named("hours").list(database.jdbi(), Map.of("at", at(time).toString()));
    }

    List<String> completed() {
        return list("select to_char(hour at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') || ' at '"
                + " || to_char(completed_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') from hour_status"
                + " order by 1");
    }

    List<String> decisions() {
        return list("select actor || ' ' || decision || ' ' || name || ': ' || reason from completeness_decision"
                + " order by decision_id");
    }

    List<String> list(String query) {
        return database.jdbi()
                .withHandle(
                        handle -> handle.createQuery(query).mapTo(String.class).list());
    }

    static Instant at(String time) {
        return Instant.parse("2026-11-01T" + (time.length() == 5 ? time + ":00" : time) + "Z");
    }
}
