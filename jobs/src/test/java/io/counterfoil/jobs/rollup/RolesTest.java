package io.counterfoil.jobs.rollup;

import io.counterfoil.jobs.archive.ArchiveJob;
import io.counterfoil.jobs.archive.ArchiveResult;
import io.counterfoil.jobs.archive.AuditJob;
import io.counterfoil.jobs.archive.AuditResult;
import io.counterfoil.jobs.archive.RetainJob;
import io.counterfoil.jobs.overshoot.OvershootJob;
import io.counterfoil.jobs.overshoot.OvershootResult;
import io.counterfoil.jobs.push.PushFlagsJob;
import io.counterfoil.jobs.push.PushSettings;
import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.Migrations;
import io.counterfoil.sql.Roles;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.KeyLifeStore;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.account.SubscriptionStore;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.hours.EdgeRosterStore;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.push.FlagPushStore;
import io.counterfoil.sql.report.Report;
import io.counterfoil.sql.snapshot.SnapshotRows;
import io.counterfoil.sql.snapshot.SnapshotStore;
import io.counterfoil.sql.testing.TestDatabase;
import io.counterfoil.sql.usage.KeyUsageStore;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Each role, by a login of its own, does what it must and is refused what it must not. */
final class RolesTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:30:00Z");

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.fresh();
    private long key;

    @BeforeEach
    void logins() {
        for (String role : List.of("jobs", "edge", "report")) {
            login("test_" + role, "login in role counterfoil_" + role);
        }
        long account = new AccountStore(database.jdbi()).create("Acme", Optional.empty(), NOW);
        long plan = new PlanStore(database.jdbi()).create("small", List.of(UsageLimit.parse("10/hour", "refuse")), NOW);
        KeyStore keys = new KeyStore(database.jdbi());
        String hash = KeyStore.hash("a secret");
        keys.create(List.of(new KeyStore.NewKey(account, Optional.of(plan), "acme", Optional.of(hash), "test")), NOW);
        key = keys.byHash(List.of(hash)).get(hash);
    }

    @Test
    void aWholeRollupRunsAsTheJobsRole() throws Exception {
        rollupAs("test_jobs");

        Jdbi jobs = as("test_jobs");
        Migrations.requireCurrent(DatabaseAccess.dataSource(database.jdbcUrlOf("test_jobs")));
        assertThat(months()).contains("usage_hourly_202609", "usage_hourly_202611", "usage_hourly_202701");
        assertThat(owners()).as("whoever made it").containsExactly("postgres");
        refused(jobs, "select * from api_key_secret");
        refused(jobs, "update api_key set disabled_at = now()");
        refused(jobs, "update plan_limit set quota = 0");
        refused(jobs, "insert into account (name, created_at) values ('x', now())");
        refused(jobs, "delete from ledger");
        refused(jobs, "delete from ledger_run");
        refused(jobs, "delete from usage_hourly");
        refused(jobs, "update ledger set first_seq = 0");
        refused(jobs, "truncate usage_hourly");
        refused(jobs, "drop table usage_hourly");
        refused(
                jobs,
                "create table usage_hourly_200001 partition of usage_hourly for values from ('2000-01-01') to ('2000-02-01')");
        refused(jobs, "delete from completeness_decision");
    }

    @Test
    void subscriptionsTakeEffectAsTheJobsRoleWhichDecidesNone() throws Exception {
        long large =
                new PlanStore(database.jdbi()).create("large", List.of(UsageLimit.parse("20/hour", "refuse")), NOW);
        new SubscriptionStore(database.jdbi())
                .subscribe(new SubscriptionStore.Change(
                        new KeyLifeStore(database.jdbi()).subject("acme"),
                        Instant.parse("2026-11-01T13:00:00Z"),
                        Optional.of(large),
                        new Decision("ops", "more", NOW),
                        "test"));
        Jdbi jobs = as("test_jobs");

        assertThat(new SubscriptionStore(jobs).takeEffect(NOW.plus(Duration.ofHours(1))))
                .isEqualTo(1);
        assertThat(names("select p.name from api_key k join plan p using (plan_id)"))
                .containsExactly("large");
        refused(
                jobs,
                "insert into subscription (account_id, since, actor, reason, created_at) select account_id,"
                        + " '2026-11-01Z', 'x', 'x', now() from account");
        refused(jobs, "update subscription set plan_id = null");
        refused(jobs, "update account set time_zone = 'UTC'");
    }

    @Test
    void archiveAuditAndRetentionRunAsTheJobsRole() throws Exception {
        rollupAs("test_jobs");
        String url = database.jdbcUrlOf("test_jobs");
        String archive = folder.resolve("archive").toString();
        InstantSource clock = InstantSource.fixed(NOW);
        ArchiveResult archived =
                new ArchiveJob(SparkForTests.session(), folder.toString(), archive, url, clock).run(soFar -> {});
        AuditResult audited = new AuditJob(SparkForTests.session(), archive, url, clock)
                .run(Optional.empty(), Optional.empty(), false);
        OvershootResult told = new OvershootJob(SparkForTests.session(), folder.toString(), url, clock).runAtOnce();
        long deleted = new RetainJob(
                        SparkForTests.session().sessionState().newHadoopConf(),
                        folder.toString(),
                        url,
                        InstantSource.fixed(NOW.plus(Duration.ofDays(31))))
                .run(Duration.ofDays(30));

        assertThat(told.crossings()).isEqualTo(1);
        assertThat(archived.records()).isEqualTo(115);
        assertThat(audited.records()).isEqualTo(115);
        assertThat(audited.differences()).isEmpty();
        assertThat(deleted).isEqualTo(2);
        assertThat(names("select first_number || ' ' || last_number from ledger_run"))
                .containsExactly("1 1");
    }

    @Test
    void flagsArePushedAsTheJobsRoleWhichSeesHashesByFlagsAlone() throws Exception {
        rollupAs("test_jobs");
        Path flags = folder.resolve("flags.json");
        try (PushFlagsJob job = new PushFlagsJob(
                PushSettings.file(flags, 1), database.jdbcUrlOf("test_jobs"), InstantSource.fixed(NOW), false)) {
            assertThat(job.run().keys()).isEqualTo(1);
        }
        assertThat(flags).content().contains(KeyStore.hash("a secret"));
        Jdbi jobs = as("test_jobs");
        FlagPushStore.Pushed pushed =
                new FlagPushStore.Pushed("d", 1, KeyStore.hash("m"), KeyStore.hash("f"), Optional.empty(), NOW, NOW);
        new FlagPushStore(jobs).save("t", List.of(pushed), false);
        assertThat(new FlagPushStore(jobs).pushed("t")).containsValue(pushed);
        new FlagPushStore(jobs).forget("t", List.of("d"));

        assertThat(new FlagPushStore(jobs)
                        .overLimit(NOW.plus(Duration.ofHours(1)))
                        .limits())
                .isEmpty();
        refused(jobs, "select * from api_key_secret");
        refused(as("test_edge"), "select * from over_limit(now())");
        refused(as("test_report"), "select * from over_limit(now())");
        refused(as("test_report"), "select * from flag_push");
    }

    @Test
    void anEdgeLoadsSnapshotsAndRegistersAndNothingElse() throws Exception {
        rollupAs("test_jobs");
        Jdbi edge = as("test_edge");

        SnapshotRows.Collected snapshot = new SnapshotStore(edge).changesSince(0, NOW);
        assertThat(snapshot.keys()).hasSize(1);
        assertThat(snapshot.flags()).hasSize(1);
        assertThat(new SnapshotStore(edge).changesSince(1, NOW).keys()).hasSize(1);
        EdgeRosterStore roster = new EdgeRosterStore(edge);
        roster.register("edge-7", Optional.of("1700000000-0000000000000007"), NOW);
        assertThat(roster.contains("edge-7")).isTrue();
        edge.useHandle(handle -> handle.execute("listen counterfoil_snapshot"));
        assertThat(new KeyUsageStore(edge).read(key, NOW).orElseThrow().hours()).hasSize(48);
        refused(edge, "update usage_hourly set requests = 0");
        refused(edge, "select * from notice");
        refused(edge, "select * from webhook_endpoint");
        refused(edge, "select * from account");
        refused(edge, "select * from ledger");
        refused(edge, "insert into api_key_secret (sha256, key_id, created_at) values ('\\x00', 1, now())");
        refused(edge, "update api_key set plan_id = null");
        refused(edge, "update control_version set v = v + 1");
        refused(edge, "update edge_roster set until = now()");
        refused(edge, "delete from edge_roster");
        refused(edge, "select create_usage_partition(now())");
    }

    @Test
    void reportsReadAndSeeNoSecret() throws Exception {
        rollupAs("test_jobs");
        Jdbi report = as("test_report");

        for (String name : Report.names()) {
            assertThat(rows(report, Report.named(name))).as(name).isEqualTo(rows(database.jdbi(), Report.named(name)));
        }
        assertThat(rows(report, Report.named("usage-hourly"))).isPositive();
        for (String name : List.of("rejects", "quarantine", "notices", "overrides", "plans")) {
            assertThat(rows(report, Report.listOf(name)))
                    .as(name)
                    .isEqualTo(rows(database.jdbi(), Report.listOf(name)));
        }
        refused(report, "select count(*) from api_key_secret");
        for (String table : List.of("usage_hourly", "ledger", "api_key", "edge_roster", "reject")) {
            refused(report, "delete from " + table);
        }
        refused(report, "update usage_hourly set requests = 0");
        refused(report, "insert into account (name, created_at) values ('x', now())");
        refused(report, "select create_usage_partition(now())");
    }

    @Test
    void anOwnerWhoMayCreateNoRolesMigratesAndGivesThoseThatAreThereTheirRights() {
        login("test_owner", "login");
        TestDatabase other = TestDatabase.withoutTables();
        other.jdbi().useHandle(handle -> handle.execute("grant create on schema public to test_owner"));

        Migrations.migrate(DatabaseAccess.dataSource(other.jdbcUrlOf("test_owner")));

        long hours = DatabaseAccess.jdbi(DatabaseAccess.dataSource(other.jdbcUrlOf("test_report")))
                .withHandle(handle -> handle.createQuery("select count(*) from usage_hourly")
                        .mapTo(Long.class)
                        .one());
        assertThat(hours).isZero();
    }

    @Test
    void grantingAgainTakesBackWhatIsNoLongerNeeded() {
        database.jdbi().useHandle(handle -> handle.execute("grant delete on ledger to counterfoil_report"));

        assertThat(Roles.grant(database.jdbi())).containsExactlyInAnyOrderElementsOf(Roles.NAMES);

        refused(as("test_report"), "delete from ledger");
    }

    private void rollupAs(String user) throws Exception {
        LandedSegments segments = new LandedSegments(folder, 1, NOW.getEpochSecond() - 40 * 86_400);
        segments.publish(segments.random(LandedSegments.stream("edge-1", 0), 1, 1, 100));
        segments.publish(LandedSegments.build(
                LandedSegments.stream("edge-1", 0),
                2,
                101,
                Collections.nCopies(15, LandedSegments.facts(key)),
                (NOW.getEpochSecond() - 60) * 1_000_000,
                1));
        LandedSegments.Built changed = segments.random(LandedSegments.stream("edge-1", 1), 1, 1, 10);
        changed.csv()[50] ^= 1;
        segments.publish(changed);
        RollupResult result = new RollupJob(
                        SparkForTests.session(), folder.toString(), database.jdbcUrlOf(user), InstantSource.fixed(NOW))
                .run();
        assertThat(result.records()).isEqualTo(115);
        assertThat(result.quarantined()).hasSize(1);
        assertThat(result.flags()).hasSize(1);
    }

    private void login(String name, String how) {
        database.jdbi().useHandle(handle -> {
            boolean there = handle.createQuery("select count(*) > 0 from pg_roles where rolname = :name")
                    .bind("name", name)
                    .mapTo(Boolean.class)
                    .one();
            if (!there) {
                handle.execute("create role " + name + " " + how);
            }
        });
    }

    private Jdbi as(String user) {
        return DatabaseAccess.jdbi(DatabaseAccess.dataSource(database.jdbcUrlOf(user)));
    }

    private static void refused(Jdbi jdbi, String statement) {
        assertThatThrownBy(() -> jdbi.useHandle(handle -> handle.execute(statement)))
                .as(statement)
                .hasMessageMatching("(?s).*(permission denied for|must be owner of).*");
    }

    private static long rows(Jdbi jdbi, Report report) {
        long[] count = new long[1];
        Map<String, String> values = report.find("at").isPresent() ? Map.of("at", "2026-11-01T12:30:00Z") : Map.of();
        report.run(jdbi, values, counting(count));
        return count[0];
    }

    private static Report.Rows counting(long[] count) {
        return new Report.Rows() {
            @Override
            public void columns(List<Report.Column> columns) {}

            @Override
            public void row(List<String> values) {
                count[0]++;
            }
        };
    }

    private List<String> months() {
        return names("select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid"
                + " where i.inhparent = 'usage_hourly'::regclass");
    }

    private List<String> owners() {
        return names(
                "select distinct c.relowner::regrole::text from pg_inherits i join pg_class c on c.oid = i.inhrelid"
                        + " where i.inhparent = 'usage_hourly'::regclass");
    }

    private List<String> names(String query) {
        return database.jdbi()
                .withHandle(
                        handle -> handle.createQuery(query).mapTo(String.class).list());
    }
}
