package io.counterfoil.jobs.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.export.StripeStore;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Meter events through the ledger: what is sent adds up to what is billable, never more, whatever happens in between. */
final class StripeExportJobTest {
    private static final List<StripeStore.Meter> REQUESTS = List.of(new StripeStore.Meter("requests", "api_requests"));
    private static final UsageRange ALL =
            new UsageRange(Instant.parse("2026-10-01T00:00:00Z"), Instant.parse("2026-12-01T00:00:00Z"));
    private static final Instant NOW = Instant.parse("2026-11-20T10:30:00Z");

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.fresh();
    private final StripeStore store = new StripeStore(database.jdbi());
    private final StripeExportJob job = new StripeExportJob(store, InstantSource.fixed(NOW), "1.2.3");
    private int files;

    @BeforeEach
    void accountsWithPlans() {
        database.jdbi().useHandle(handle -> {
            handle.execute("select create_usage_partition('2026-10-01 00:00:00+00')");
            handle.execute("select create_usage_partition('2026-11-01 00:00:00+00')");
            handle.execute(
                    "insert into plan (name, billable_outcomes, created_at) values ('pro', '{success,client_error}', now())");
            account(handle, "Acme", "cus_1");
            account(handle, "Beta", "cus_2");
            account(handle, "Gamma", null);
        });
    }

    /** With one key, of the account's number, on the plan since October. */
    private static void account(Handle handle, String name, String externalId) {
        handle.execute("insert into account (name, external_id, created_at) values (?, ?, now())", name, externalId);
        handle.execute("insert into api_key (account_id, label, label_sha256, created_at, version)"
                + " select max(account_id), 'key-' || max(account_id), sha256(('key-' || max(account_id))::bytea), now(), 1"
                + " from account");
        handle.execute("insert into subscription (account_id, since, plan_id, actor, reason, created_at)"
                + " select max(account_id), '2026-10-01T00:00:00Z', 1, 'erin', 'new', now() from account");
    }

    private void count(String hour, long key, String outcome, long requests) {
        database.jdbi()
                .useHandle(handle -> handle.execute(
                        "insert into usage_hourly values (cast(? as timestamptz), ?, 'items', ?, ?, 2 * ?, 0, 1000 * ?, 0)"
                                + " on conflict (hour, key_id, route, outcome) do update"
                                + " set requests = usage_hourly.requests + excluded.requests,"
                                + " units = usage_hourly.units + excluded.units,"
                                + " bytes_out = usage_hourly.bytes_out + excluded.bytes_out",
                        hour,
                        key,
                        outcome,
                        requests,
                        requests,
                        requests));
    }

    private Path next() {
        return folder.resolve("events-" + ++files + ".jsonl");
    }

    private static List<JsonNode> read(Path file) throws Exception {
        List<JsonNode> events = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            events.add(new ObjectMapper().readTree(line));
        }
        return events;
    }

    @Test
    void onlyWhatIsBillableAndWasNotSentBeforeIsSent() throws Exception {
        count("2026-11-19T05:00:00Z", 1, "success", 10);
        count("2026-11-19T05:00:00Z", 1, "client_error", 5);
        count("2026-11-19T05:00:00Z", 1, "server_error", 100);
        count("2026-11-19T06:00:00Z", 2, "success", 7);
        count("2026-11-19T06:00:00Z", 0, "success", 1000);
        Path first = next();
        StripeExportJob.Result result = job.send(REQUESTS, ALL, first);
        assertThat(result.batch())
                .hasValueSatisfying(batch -> assertThat(batch.events()).isEqualTo(2));
        assertThat(result.refused()).isEmpty();
        JsonNode event = read(first).get(0);
        assertThat(Files.readAllLines(first).get(0))
                .isEqualTo("{\"identifier\":\"" + event.get("identifier").textValue()
                        + "\",\"event_name\":\"api_requests\",\"timestamp\":"
                        + Instant.parse("2026-11-19T05:00:00Z").getEpochSecond()
                        + ",\"payload\":{\"stripe_customer_id\":\"cus_1\",\"value\":\"15\"}}");
        // Stripe takes identifiers of at most 100 characters.
        assertThat(event.get("identifier").textValue()).matches("counterfoil-[0-9a-f]{64}");
        assertThat(read(first))
                .extracting(each -> each.get("payload").get("value").textValue())
                .containsExactly("15", "7");
        JsonNode manifest = new ObjectMapper().readTree(Files.readAllBytes(Manifest.beside(first)));
        assertThat(manifest.get("rows").longValue()).isEqualTo(2);
        assertThat(manifest.get("totals").toString()).isEqualTo("{\"api_requests\":22}");
        assertThat(manifest.get("parameters").get("batch").textValue()).isEqualTo("1");

        Path second = next();
        assertThat(job.send(REQUESTS, ALL, second).batch()).isEmpty();
        assertThat(second).isEmptyFile();

        count("2026-11-19T05:00:00Z", 1, "success", 3);
        Path third = next();
        job.send(REQUESTS, ALL, third);
        assertThat(read(third))
                .extracting(each -> each.get("payload").toString())
                .containsExactly("{\"stripe_customer_id\":\"cus_1\",\"value\":\"3\"}");

        Path again = next();
        job.again(1, again);
        assertThat(again).hasSameBinaryContentAs(first);
        assertThat(Manifest.beside(again)).hasSameBinaryContentAs(Manifest.beside(first));
        assertThatThrownBy(() -> job.again(9, again))
                .isInstanceOf(OperatorException.class)
                .hasMessage("batch is 9, expected one that was fixed: the last is 2");
    }

    @Test
    void metersAreCountedApart() throws Exception {
        count("2026-11-19T05:00:00Z", 1, "success", 10);
        Path file = next();
        job.send(
                List.of(new StripeStore.Meter("bytes_out", "egress"), new StripeStore.Meter("units", "work")),
                ALL,
                file);
        assertThat(read(file))
                .extracting(each -> each.get("event_name").textValue() + " "
                        + each.get("payload").get("value").textValue())
                .containsExactly("egress 10000", "work 20");
        Path other = next();
        job.send(REQUESTS, ALL, other);
        assertThat(read(other)).hasSize(1);
    }

    @Test
    void whatIsTooOldOrNobodysIsRefusedByNameAndIsNotMarkedAsSent() throws Exception {
        count("2026-10-16T10:00:00Z", 1, "success", 4);
        count("2026-10-02T05:00:00Z", 1, "success", 3);
        count("2026-10-16T12:00:00Z", 1, "success", 1);
        count("2026-11-19T05:00:00Z", 3, "success", 8);
        Path file = next();
        StripeExportJob.Result result = job.send(REQUESTS, ALL, file);
        assertThat(result.refused())
                .containsExactly(
                        "account 'Acme', api_requests, 2 hours from 2026-10-02T05:00:00Z to 2026-10-16T10:00:00Z, 7 in all:"
                                + " Stripe takes nothing older than 35 days, from 2026-10-16T12:00:00Z on",
                        "account 'Gamma', api_requests, 1 hours from 2026-11-19T05:00:00Z to 2026-11-19T05:00:00Z, 8 in all:"
                                + " the account has no external id, the customer's at Stripe; set it: counterfoil account set");
        assertThat(read(file))
                .extracting(each -> each.get("timestamp").longValue())
                .containsExactly(Instant.parse("2026-10-16T12:00:00Z").getEpochSecond());
        JsonNode manifest = new ObjectMapper().readTree(Files.readAllBytes(Manifest.beside(file)));
        assertThat(manifest.get("refused")).hasSize(2);

        database.jdbi()
                .useHandle(handle -> handle.execute("update account set external_id = 'cus_3' where name = 'Gamma'"));
        Path later = next();
        assertThat(job.send(REQUESTS, ALL, later).refused()).hasSize(1);
        assertThat(read(later))
                .extracting(each -> each.get("payload").toString())
                .containsExactly("{\"stripe_customer_id\":\"cus_3\",\"value\":\"8\"}");
    }

    @Test
    void lessThanWasSentIsAnErrorThatNamesItAndSendsNothing() {
        count("2026-11-19T05:00:00Z", 1, "success", 10);
        job.send(REQUESTS, ALL, next());
        count("2026-11-19T05:00:00Z", 1, "success", -4);
        count("2026-11-19T05:00:00Z", 2, "success", 1);
        Path file = next();
        assertThatThrownBy(() -> job.send(REQUESTS, ALL, file))
                .isInstanceOf(OperatorException.class)
                .hasMessageStartingWith(
                        "of account 'Acme', api_requests, hours 2026-11-19T05:00:00Z to 2026-11-19T05:00:00Z,"
                                + " 6 is billable and 10 was sent, expected never less; nothing was sent now.");
        assertThat(file).doesNotExist();
        assertThat(store.last()).hasValue(1L);
    }

    @Test
    void aFileThatMayNotHaveBeenPostedIsNotReplaced() throws Exception {
        count("2026-11-19T05:00:00Z", 1, "success", 10);
        Path file = next();
        job.send(REQUESTS, ALL, file);
        assertThatThrownBy(() -> job.send(REQUESTS, ALL, file))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("is there already");
    }

    @Test
    void aRunThatDiedAfterItsBatchWasFixedIsEndedByTheNextToTheSameFile() throws Exception {
        count("2026-11-19T05:00:00Z", 1, "success", 10);
        Path file = next();
        Path marker = folder.resolve(file.getFileName() + ".batch");
        // The file cannot be placed: a folder has its manifest's name.
        Path inTheWay = Files.createDirectories(Manifest.beside(file).resolve("x"));
        assertThatThrownBy(() -> job.send(REQUESTS, ALL, file))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("what was fixed is not lost");
        assertThat(marker).hasContent("1\n");
        Files.delete(inTheWay);
        Files.delete(Manifest.beside(file));

        count("2026-11-19T05:00:00Z", 1, "success", 5);
        StripeExportJob.Result result = job.send(REQUESTS, ALL, file);
        assertThat(result.earlier()).isTrue();
        assertThat(read(file))
                .extracting(each -> each.get("payload").get("value").textValue())
                .containsExactly("10");
        assertThat(marker).doesNotExist();
        Path later = next();
        job.send(REQUESTS, ALL, later);
        assertThat(read(later))
                .extracting(each -> each.get("payload").get("value").textValue())
                .containsExactly("5");

        // One that died before it was fixed: its number is nobody's.
        Path undone = next();
        Files.writeString(folder.resolve(undone.getFileName() + ".batch"), "77\n");
        count("2026-11-19T05:00:00Z", 1, "success", 1);
        assertThat(job.send(REQUESTS, ALL, undone).earlier()).isFalse();
        assertThat(read(undone)).hasSize(1);
    }

    @Test
    void runsToTheSameFileLoseNothing() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            for (int round = 1; round <= 5; round++) {
                count("2026-11-19T05:00:00Z", 1, "success", round);
                Path file = next();
                List<Callable<Boolean>> runs = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    runs.add(() -> {
                        try {
                            return job.send(REQUESTS, ALL, file).batch().isPresent();
                        } catch (OperatorException e) {
                            // Another one is at it, or has done it.
                            return false;
                        }
                    });
                }
                pool.invokeAll(runs);
                assertThat(read(file))
                        .extracting(each -> each.get("payload").get("value").textValue())
                        .containsExactly(Integer.toString(round));
                assertThat(store.last()).hasValue((long) round);
                assertThat(folder.resolve(file.getFileName() + ".batch")).doesNotExist();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void theJobsLoginMaySend() throws Exception {
        count("2026-11-19T05:00:00Z", 1, "success", 10);
        String login = "export_jobs_" + System.nanoTime();
        database.jdbi().useHandle(handle -> handle.execute("create role " + login + " login in role counterfoil_jobs"));
        StripeStore theirs = new StripeStore(DatabaseAccess.jdbi(DatabaseAccess.dataSource(database.jdbcUrlOf(login))));
        Path file = next();
        new StripeExportJob(theirs, InstantSource.fixed(NOW), "1.2.3").send(REQUESTS, ALL, file);
        assertThat(read(file)).hasSize(1);
    }

    @Test
    void whateverIsCountedBetweenAndHoweverManySendAtOnceTheSumIsWhatIsBillable() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Path> sent = new ArrayList<>();
        ExecutorService pool = Executors.newFixedThreadPool(3);
        try {
            for (int round = 0; round < 6; round++) {
                for (int i = 0; i < 10; i++) {
                    count(
                            "2026-11-1" + random.nextInt(10) + "T0" + random.nextInt(3) + ":00:00Z",
                            1 + random.nextInt(2),
                            random.nextBoolean() ? "success" : "client_error",
                            1 + random.nextInt(1000));
                }
                List<Callable<Path>> runs = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    Path file = next();
                    runs.add(() -> {
                        job.send(REQUESTS, ALL, file);
                        return file;
                    });
                }
                for (var run : pool.invokeAll(runs)) {
                    sent.add(run.get());
                }
            }
        } finally {
            pool.shutdownNow();
        }
        Map<String, BigInteger> sums = new TreeMap<>();
        Set<String> identifiers = new HashSet<>();
        for (Path file : sent) {
            for (JsonNode event : read(file)) {
                assertThat(identifiers.add(event.get("identifier").textValue()))
                        .as("seed " + seed)
                        .isTrue();
                sums.merge(
                        event.get("payload").get("stripe_customer_id").textValue() + " " + event.get("timestamp"),
                        new BigInteger(event.get("payload").get("value").textValue()),
                        BigInteger::add);
            }
        }
        Map<String, BigInteger> billable = new TreeMap<>();
        database.jdbi()
                .useHandle(handle -> handle.createQuery(
                                "select 'cus_' || key_id || ' ' || extract(epoch from hour)::bigint as name, sum(requests) as requests"
                                        + " from usage_hourly group by 1")
                        .map((row, context) -> Map.entry(
                                row.getString("name"),
                                row.getBigDecimal("requests").toBigInteger()))
                        .forEach(entry -> billable.put(entry.getKey(), entry.getValue())));
        assertThat(sums).as("seed " + seed).isEqualTo(billable);
    }
}
