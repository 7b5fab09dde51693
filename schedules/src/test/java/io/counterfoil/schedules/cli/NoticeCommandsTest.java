package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import static org.assertj.core.api.Assertions.assertThat;

/** Webhooks and notices, as people type them, with a receiver that is there. */
final class NoticeCommandsTest {
    /** What a receiver gets of one request. */
    private record Got(String id, String timestamp, String signature, String body) {}

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.fresh();
    private final List<Got> got = new CopyOnWriteArrayList<>();
    private volatile int status = 200;
    private HttpServer receiver;
    private InProcess cli;

    @BeforeEach
    void anAccountWithAKeyAndAReceiver() throws Exception {
        cli = InProcess.on(folder.resolve("home"), database.jdbcUrl());
        done("account", "create", "Acme");
        done("plan", "create", "small", "--limit", "1000/hour");
        done("key", "create", "--account", "Acme", "--plan", "small", "--label", "acme-1");
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", exchange -> {
            got.add(new Got(
                    exchange.getRequestHeaders().getFirst("webhook-id"),
                    exchange.getRequestHeaders().getFirst("webhook-timestamp"),
                    exchange.getRequestHeaders().getFirst("webhook-signature"),
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        receiver.start();
    }

    @AfterEach
    void stop() {
        receiver.stop(0);
    }

    private String done(String... command) {
        InProcess.Result result = cli.run(command);
        assertThat(result.exit()).as(result.err()).isZero();
        return result.out();
    }

    private String url() {
        return "http://127.0.0.1:" + receiver.getAddress().getPort() + "/hook";
    }

    private void raise(int threshold) {
        database.jdbi()
                .useHandle(handle -> handle.execute(
                        "insert into notice (account_id, limit_id, subject_id, window_start, threshold, quota, used, as_of,"
                                + " resets_at, raised_at) values (1, 1, 1, date_trunc('hour', now()), ?, 1000, 950, now(),"
                                + " date_trunc('hour', now()) + interval '1 hour', now() + interval '1 second')",
                        threshold));
    }

    private static String signed(String secret, Got got) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(Base64.getDecoder().decode(secret.strip().replace("whsec_", "")), "HmacSHA256"));
        byte[] text = (got.id() + "." + got.timestamp() + "." + got.body()).getBytes(StandardCharsets.UTF_8);
        return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(text));
    }

    @Test
    void aNoticeGoesToAWebhookThatIsRotatedListedRefusedAndRetried() throws Exception {
        InProcess.Result created = cli.run("webhook", "create", "--account", "Acme", "--url", url(), "--actor", "ops");
        assertThat(created.err())
                .contains(
                        "webhook 1 sends account Acme's notices to 127.0.0.1; keep the secret, it is not shown again:");
        assertThat(created.out()).matches("whsec_[A-Za-z0-9+/]{43}=\n");
        String rotated = new ObjectMapper()
                .readTree(done("webhook", "rotate", "1", "--grace", "24h", "--json", "--actor", "ops"))
                .get("secret")
                .asText();
        raise(80);

        InProcess.Result private_ = cli.run("job", "notify");
        assertThat(private_.out()).isEqualTo("delivered 0 notices, 1 failed and are tried again, 0 given up\n");
        assertThat(got).isEmpty();
        assertThat(done("notices", "list", "--pending", "--format", "csv"))
                .contains("1,Acme,acme-1,small,hour,requests,80,1000,950,")
                .contains(",webhook 1,pending,1,")
                .contains("address 127.0.0.1 is not allowed by http; expected https");
        done("webhook", "disable", "1", "--reason", "the wrong place", "--actor", "ops");
        assertThat(done("webhook", "list", "--format", "csv")).contains("1,Acme," + url() + ",disabled,2,");
        cli.run("notices", "retry", "1").refused("delivery 1 is of a disabled endpoint");
        assertThat(done("webhook", "enable", "1", "--reason", "it is right")).isEqualTo("webhook 1 is enabled\n");
        assertThat(done("notices", "retry", "--all-dead")).startsWith("1 notices are sent again");

        InProcess.Result sent = cli.run("job", "notify", "--json", "--allow-address", "127.0.0.0/8");
        assertThat(sent.out()).isEqualTo("{\"delivered\":1,\"failed\":0,\"dead\":0}\n");
        assertThat(sent.err()).as("no Spark").isEmpty();
        assertThat(got.get(0).signature().split(" ", -1))
                .containsExactly(signed(rotated, got.get(0)), signed(created.out(), got.get(0)));
        assertThat(done("notices", "list", "--account", "Acme", "--delivered", "--format", "csv")
                        .lines())
                .hasSize(2);
        assertThat(done("notices", "list", "--dead", "--format", "csv").lines()).hasSize(1);
        assertThat(done("job", "notify")).isEqualTo("no notice to send\n");
        status = 410;
        raise(100);
        assertThat(done("job", "notify", "--allow-address", "127.0.0.1"))
                .isEqualTo("delivered 0 notices, 0 failed and are tried again, 1 given up\n");
        assertThat(done("webhook", "list")).contains("receiver answered 410");
        try (var files = Files.list(folder.resolve("home"))) {
            assertThat(files.map(file -> file.getFileName().toString())).contains("webhook.key");
        }
    }

    @Test
    void anAccountsThresholdsAndMailAreSet() {
        assertThat(done("account", "notify", "Acme", "--at", "120,50", "--email", "ops@acme.test"))
                .isEqualTo("""
                        account Acme is told at [120, 50] percent, from the next count on
                        account Acme is sent mail to ops@acme.test
                        """);
        raise(50);
        InProcess.Result waiting = cli.run("job", "notify");
        assertThat(waiting.exit()).isZero();
        assertThat(waiting.err()).contains("1 mails wait for a mail server; set COUNTERFOIL_SMTP_URL");
        assertThat(done("notices", "list", "--format", "csv")).contains(",ops@acme.test,pending,0,");
        assertThat(done("account", "notify", "Acme", "--no-email")).isEqualTo("account Acme is sent no mail\n");
        assertThat(cli.run("account", "notify", "--help").out()).contains("from the next count on");
        cli.run("account", "notify", "Acme").refused("nothing is to be changed");
        cli.run("account", "notify", "Acme", "--at", "0").refused("thresholds are [0], expected 1 to 10 percents");
        cli.run("account", "notify", "Acme", "--email", "ops").refused("mail address is 'ops'");
        cli.run("account", "notify", "Nobody", "--no-email").refused("account 'Nobody' does not exist");
    }

    @Test
    void whatIsWrongIsRefused() {
        cli.run("webhook", "create", "--account", "Acme", "--url", "https://u:hush@example.com/")
                .refused("webhook URL has host example.com; expected https://HOST");
        cli.run("webhook", "create", "--account", "Nobody", "--url", "https://example.com/")
                .refused("account 'Nobody' does not exist");
        cli.run("webhook", "rotate", "7", "--grace", "1h").refused("webhook is 7, expected the number of one");
        cli.run("webhook", "disable", "7", "--reason", "why").refused("webhook is 7");
        cli.run("webhook", "disable", "7").refused("Missing required option");
        cli.run("notices", "list", "--dead", "--pending").refused("mutually exclusive");
        cli.run("notices", "list", "--account", "Nobody").refused("account 'Nobody' does not exist");
        cli.run("notices", "retry").refused("Missing required");
        cli.run("notices", "retry", "5").refused("delivery is 5, expected the number of a dead one");
        cli.run("job", "notify", "--allow-address", "everywhere")
                .refused("'everywhere', expected an address or a network");
        InProcess.on(folder.resolve("home"), "jdbc:postgresql://127.0.0.1:1/x?user=u")
                .run("job", "notify")
                .refused(4, "database cannot be reached");
    }
}
