package io.counterfoil.jobs.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.export.StripeStore;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

import static io.counterfoil.jobs.export.StripeWorld.read;
import static io.counterfoil.jobs.export.StripeWorld.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Meter events through the ledger: what is sent adds up to what is billable, never more, whatever happens in between. */
final class StripeExportJobTest {
    private static final List<StripeStore.Meter> REQUESTS = StripeWorld.REQUESTS;
    private static final UsageRange ALL = StripeWorld.ALL;
    private static final Instant NOW = StripeWorld.NOW;

    @TempDir
    Path folder;

    private final StripeWorld world = new StripeWorld();
    private final TestDatabase database = world.database;
    private final StripeStore store = world.store;
    private final StripeExportJob job = world.job;
    private int files;

    private void count(String hour, long key, String outcome, long requests) {
        world.count(hour, key, outcome, requests);
    }

    private Path next() {
        return folder.resolve("events-" + ++files + ".jsonl");
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
                                + " the account has no external id, the customer's at Stripe; set it: counterfoil account set NAME --external-id ID");
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
    void whatIsAheadOfTheClockIsRefusedAndIsSentOnceItIsPast() throws Exception {
        count("2026-11-20T10:00:00Z", 1, "success", 1);
        count("2026-11-20T11:00:00Z", 1, "success", 2);
        count("2026-11-21T05:00:00Z", 1, "success", 3);
        Path file = next();
        StripeExportJob.Result result = job.send(REQUESTS, ALL, file);
        assertThat(result.refused())
                .containsExactly(
                        "account 'Acme', api_requests, 2 hours from 2026-11-20T11:00:00Z to 2026-11-21T05:00:00Z, 5 in all:"
                                + " it is ahead of this machine's clock, 2026-11-20T10:30:00Z, and Stripe takes nothing of the"
                                + " future; send it once it is past");
        assertThat(read(file))
                .singleElement()
                .satisfies(event -> assertThat(event.get("timestamp").longValue())
                        .isEqualTo(Instant.parse("2026-11-20T10:00:00Z").getEpochSecond()));
        Path later = next();
        StripeExportJob next =
                new StripeExportJob(store, InstantSource.fixed(Instant.parse("2026-11-20T11:00:00Z")), "1.2.3");
        assertThat(next.send(REQUESTS, ALL, later).refused()).hasSize(1);
        assertThat(values(later)).containsExactly("2");
    }

    @Test
    void moreThanStripeTakesAsOneValueIsRefusedByNameHoweverMuchItIs() throws Exception {
        List<StripeStore.Meter> bytes = List.of(new StripeStore.Meter("bytes_out", "egress"));
        for (String hour : List.of("2026-11-19T05:00:00Z", "2026-11-19T06:00:00Z", "2026-11-19T07:00:00Z")) {
            count(hour, 1, "success", 1);
        }
        database.jdbi().useHandle(handle -> {
            handle.execute("update usage_hourly set bytes_out = 999999999999999 where hour = '2026-11-19T05:00:00Z'");
            handle.execute("update usage_hourly set bytes_out = 1000000000000000 where hour = '2026-11-19T06:00:00Z'");
            handle.execute(
                    "update usage_hourly set bytes_out = 9223372036854775807 where hour = '2026-11-19T07:00:00Z'");
            handle.execute("insert into usage_hourly select hour, key_id, 'other', outcome, 1, 1, 0, bytes_out, 0"
                    + " from usage_hourly where hour = '2026-11-19T07:00:00Z'");
        });
        Path file = next();
        assertThat(job.send(bytes, ALL, file).refused())
                .containsExactly("account 'Acme', egress, 2 hours from 2026-11-19T06:00:00Z to 2026-11-19T07:00:00Z,"
                        + " 18447744073709551614 in all: Stripe takes at most 999999999999999 as one value, and a value"
                        + " is an hour's");
        assertThat(values(file)).containsExactly("999999999999999");
    }

    @Test
    void aSlowDiskEndsNoTransaction() throws Exception {
        database.jdbi()
                .useHandle(handle -> handle.execute("insert into usage_hourly"
                        + " select '2026-11-19T05:00:00Z', 1, 'items', 'success', 1, 1, 0, 1, 0"));
        // More than one fetch: the server is asked again behind the first.
        database.jdbi()
                .useHandle(handle -> handle.execute("insert into usage_hourly"
                        + " select h, k, 'more', 'success', 1, 1, 0, 1, 0 from generate_series(timestamptz '2026-10-17 00:00+00',"
                        + " '2026-11-20 00:00+00', interval '1 hour') h, generate_series(1, 2) k"));
        String url = database.jdbcUrl();
        StripeStore impatient = new StripeStore(DatabaseAccess.jdbi(DatabaseAccess.dataSource(
                url + (url.contains("?") ? "&" : "?") + "options=-c%20idle_in_transaction_session_timeout=20ms")));
        List<StripeStore.Meter> meters = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            meters.add(new StripeStore.Meter("requests", "meter_" + i));
        }
        StripeStore.Batch batch = store.exclusively(
                turn -> turn.fix(new StripeStore.Asked(meters, ALL.from(), ALL.to(), ALL.from(), NOW, 100), fixed -> {})
                        .batch()
                        .orElseThrow());
        int[] events = new int[1];
        impatient.exclusively(turn -> {
            turn.events(batch.number(), event -> {
                // A hundred other statements take longer than the time-out, and none of them is in this session.
                if (events[0]++ == 0) {
                    for (int i = 0; i < 100; i++) {
                        store.last();
                    }
                }
            });
            return null;
        });
        assertThat(events[0]).isGreaterThan(6000);
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
}
