package io.counterfoil.schedules.cli;

import com.sun.net.httpserver.HttpServer;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/** The push, as people type it. */
final class PushFlagsCommandTest {
    private static final String TOKEN = "kv-token-that-no-output-may-hold";

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.fresh();
    private InProcess cli;
    private String key;

    @BeforeEach
    void aKeyThatIsOverItsLimit() {
        cli = InProcess.on(folder.resolve("home"), database.jdbcUrl());
        done("account", "create", "Acme");
        done("plan", "create", "small", "--limit", "1000/period");
        key = done("key", "create", "--account", "Acme", "--plan", "small", "--label", "acme-1")
                .strip();
        database.jdbi()
                .useHandle(
                        handle -> handle.execute(
                                "insert into flag (limit_id, subject_id, quota, used, over, window_start, resets_at, action, as_of,"
                                        + " raised_at, lifted, version) values (1, 1, 1000, 1000, true, date_trunc('month', now(), 'UTC'),"
                                        + " date_trunc('month', now(), 'UTC') + interval '1 month', 'refuse', now(), now(), false, 1)"));
    }

    private String done(String... command) {
        InProcess.Result result = cli.run(command);
        assertThat(result.exit()).as(result.err()).isZero();
        return result.out();
    }

    @Test
    void flagsGoIntoAFileAndAMapOfNginx() throws Exception {
        Path file = folder.resolve("flags.json");
        String bytes = "[0-9]{3}";
        assertThat(done("job", "push-flags", "--to", "file", file.toString()))
                .matches("pushed flags of 1 keys at version \\d+: 1 documents, " + bytes + " bytes\n");
        assertThat(done("job", "push-flags", "--to", "file", file.toString()))
                .isEqualTo("flags of 1 keys are pushed already\n");
        assertThat(done("job", "push-flags", "--to", "file", file.toString(), "--force", "--json"))
                .matches("\\{\"version\":\\d+,\"keys\":1,\"written\":1,\"unchanged\":0,\"bytes\":" + bytes
                        + ",\"key_documents\":0,\"key_documents_deleted\":0}\n");
        assertThat(Files.readString(file)).contains(KeyStore.hash(key)).doesNotContain(key);

        Path map = folder.resolve("flags.map");
        Path reloaded = folder.resolve("reloaded");
        done("job", "push-flags", "--to", "nginx-map", map.toString(), "--reload", "touch " + reloaded);
        assertThat(reloaded).exists();
        assertThat(Files.readString(map))
                .contains("\"refuse acme-1\" \"acme-1\\t")
                .doesNotContain(key);
        done("job", "push-flags", "--to", "nginx-map", map.toString(), "--by", "hash");
        assertThat(Files.readString(map)).contains("\"refuse " + KeyStore.hash(key) + "\" \"");
    }

    @Test
    void whatDoesNotFitIsToldWithWhatWould() {
        cli.run("job", "push-flags").refused("Missing required option: '--to=KIND'");
        cli.run("job", "push-flags", "--to", "redis").refused("--to is 'redis', expected kv, file, s3 or nginx-map");
        cli.run("job", "push-flags", "--to", "file").refused("no target is named, expected a file behind --to file");
        cli.run("job", "push-flags", "--to", "kv").refused("set COUNTERFOIL_KV_TOKEN");
        cli.run("job", "push-flags", "--to", "kv", "file").refused("TARGET is given, and --to is 'kv'");
        cli.run("job", "push-flags", "--to", "s3", "bucket").refused("address is 'bucket', expected s3://bucket");
        cli.run("job", "push-flags", "--to", "file", "f", "--shards", "3").refused("shards are 3, expected 1, 2, 4");
        cli.run("job", "push-flags", "--to", "file", "f", "--reload", "true").refused("--reload is given");
        cli.run("job", "push-flags", "--to", "file", "f", "--per-key", "x").refused("--per-key is given");
        cli.run("job", "push-flags", "--to", "nginx-map", "f", "--by", "name")
                .refused("--by is 'name', expected label");
        cli.run("job", "push-flags", "--to", "file", "f", "--pause", "0").refused("--pause is 0, expected 1 to 3600");
        cli.run("job", "push-flags", "--to", "file", "f", "--watch", "--force").refused("expected one");
    }

    /** A receiver that says yes to a put with the token; the rules of the API are tested beside the job. */
    @Test
    void theTokenIsTheEnvironmentsAndShowsNowhereAndAWatchIsEndedByKillingIt() throws Exception {
        List<String> puts = new CopyOnWriteArrayList<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            boolean known =
                    ("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"));
            boolean put = exchange.getRequestMethod().equals("PUT");
            if (known && put) {
                puts.add(exchange.getRequestURI() + " "
                        + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            }
            byte[] body = "{\"success\":true}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(known ? put ? 200 : 404 : 403, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        Path out = folder.resolve("out");
        ProcessBuilder builder = new Cli(folder.resolve("home"))
                .process("job", "push-flags", "--to", "kv", "--watch", "--database=" + database.jdbcUrl())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile());
        builder.environment().put("COUNTERFOIL_KV_TOKEN", TOKEN);
        builder.environment().put("COUNTERFOIL_KV_ACCOUNT", "acc");
        builder.environment().put("COUNTERFOIL_KV_NAMESPACE", "ns");
        builder.environment()
                .put(
                        "COUNTERFOIL_KV_API",
                        "http://127.0.0.1:" + server.getAddress().getPort());
        Process watching = builder.start();
        try {
            Cli.until("it is pushed", () -> puts.size() == 1 || !watching.isAlive());
            done("key", "disable", "acme-1");
            Cli.until("the key is gone", () -> told(out).contains("flags of 0 keys") || !watching.isAlive());
            assertThat(watching.isAlive()).as(Files.readString(out)).isTrue();
        } finally {
            watching.destroy();
            assertThat(watching.waitFor(60, TimeUnit.SECONDS)).isTrue();
            server.stop(0);
        }

        assertThat(puts.get(0))
                .startsWith("/client/v4/accounts/acc/storage/kv/namespaces/ns/values/counterfoil-flags {\"format\"")
                .contains(KeyStore.hash(key));
        assertThat(puts.get(1)).contains("\"flags\":{}");
        assertThat(Files.readString(out))
                .contains("pushed flags of 1 keys at version")
                .contains("pushed flags of 0 keys")
                .doesNotContain(TOKEN);
    }

    private static String told(Path out) {
        try {
            return Files.readString(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
