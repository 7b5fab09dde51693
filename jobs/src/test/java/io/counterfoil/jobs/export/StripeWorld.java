package io.counterfoil.jobs.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.sql.export.StripeStore;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Handle;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Two customers and an account that is none yet, each with a key, and usage to be sent. */
final class StripeWorld {
    static final List<StripeStore.Meter> REQUESTS = List.of(new StripeStore.Meter("requests", "api_requests"));
    static final UsageRange ALL =
            new UsageRange(Instant.parse("2026-10-01T00:00:00Z"), Instant.parse("2026-12-01T00:00:00Z"));
    static final Instant NOW = Instant.parse("2026-11-20T10:30:00Z");

    final TestDatabase database = TestDatabase.fresh();
    final StripeStore store = new StripeStore(database.jdbi());
    final StripeExportJob job = new StripeExportJob(store, InstantSource.fixed(NOW), "1.2.3");

    StripeWorld() {
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

    void count(String hour, long key, String outcome, long requests) {
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

    static List<JsonNode> read(Path file) throws Exception {
        List<JsonNode> events = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            events.add(new ObjectMapper().readTree(line));
        }
        return events;
    }

    static List<String> values(Path file) throws Exception {
        return read(file).stream()
                .map(each -> each.get("payload").get("value").textValue())
                .toList();
    }
}
