package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a customer meets, on one machine that runs: used up, refused, told by webhook and on the usage page; freed by another plan, held by
 * an override, ended by hand. Each within the lag that is published.
 */
final class LiveLimitsTest {
    private static final Pattern ADDRESS = Pattern.compile("answers on (http://\\S+?),");
    private static final int QUOTA = 30;
    /** Published are a few seconds on a machine of its own; this one runs other tests too. */
    private static final long LAG_SECONDS = 15;

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private HttpServer receiver;
    private Process up;

    private record Received(String id, String timestamp, String signature, String body) {}

    @AfterEach
    void stop() {
        receiver.stop(0);
        if (up != null) {
            up.destroyForcibly();
        }
    }

    private String receive() throws IOException {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", exchange -> {
            received.add(new Received(
                    exchange.getRequestHeaders().getFirst("webhook-id"),
                    exchange.getRequestHeaders().getFirst("webhook-timestamp"),
                    exchange.getRequestHeaders().getFirst("webhook-signature"),
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        receiver.start();
        return "http://127.0.0.1:" + receiver.getAddress().getPort() + "/notices";
    }

    @Test
    void limitsHoldAreToldOfAndAreLiftedWhileItRuns() throws Exception {
        String hook = receive();
        Cli cli = new Cli(folder.resolve("home"));
        cli.run("init", folder.resolve("edge").toString());
        Path config = folder.resolve("edge/edge.yaml");
        Files.writeString(config, Files.readString(config).replaceAll("(?m)^listen:.*$", "listen: 127.0.0.1:0"));
        Path out = folder.resolve("up.out");
        ProcessBuilder builder = cli.process("up", "--config", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile());
        builder.environment().put("COUNTERFOIL_WEBHOOK_ALLOW", "127.0.0.0/8");
        up = builder.start();
        Cli.until("up counts", () -> text(out).contains("usage is counted") || !up.isAlive());
        InProcess beside = new InProcess(List.of("--home=" + folder.resolve("home")));
        done(beside, "account", "create", "Acme");
        done(beside, "plan", "create", "small", "--limit", QUOTA + "/hour", "--over", "refuse");
        done(beside, "plan", "create", "large", "--limit", "1000000/hour", "--over", "refuse");
        String secret = done(beside, "webhook", "create", "--account", "Acme", "--url", hook);
        String key = done(beside, "key", "create", "--account", "Acme", "--plan", "small", "--label", "acme-1");
        Matcher address = ADDRESS.matcher(text(out));
        assertThat(address.find()).as(text(out)).isTrue();
        String edge = address.group(1);
        Cli.until("the edge knows the key", () -> ask(edge + "/v1/items/2", key).statusCode() != 401);

        int answered = untilRefused(edge, key);
        within("a notice", () -> !received.isEmpty());
        within("the usage page has all of it", () -> used(edge, key) == answered);
        assertThat(ask(edge + "/v1/items/1", key).statusCode()).isEqualTo(429);

        Received notice = received.get(received.size() - 1);
        assertThat(notice.signature()).isEqualTo(signed(secret, notice));
        JsonNode told = new ObjectMapper().readTree(notice.body());
        assertThat(told.at("/type").asText()).isEqualTo("limit.threshold_crossed");
        assertThat(told.at("/data/key").asText() + " " + told.at("/data/limit").asText() + " "
                        + told.at("/data/threshold").asInt())
                .isEqualTo("acme-1 " + QUOTA + "/hour 100");
        int toldOf = received.size();

        done(beside, "key", "move", "acme-1", "--plan", "large");
        within(
                "another plan frees the key",
                () -> ask(edge + "/v1/items/1", key).statusCode() == 200);
        done(beside, "override", "create", "--key", "acme-1", "--limit", "10/hour", "--reason", "test");
        within("an override holds it", () -> ask(edge + "/v1/items/1", key).statusCode() == 429);
        done(beside, "override", "end", "1", "--reason", "test");
        within("and frees it", () -> ask(edge + "/v1/items/1", key).statusCode() == 200);
        done(beside, "key", "disable", "acme-1");
        within(
                "a disabled key is nobody's",
                () -> ask(edge + "/v1/items/1", key).statusCode() == 401);

        new ProcessBuilder("kill", "-INT", Long.toString(up.pid())).start().waitFor();
        assertThat(up.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(up.exitValue()).as(text(out)).isZero();
        assertThat(text(out)).doesNotContain("ALARM").endsWith("stopped\n");
        // The override's quota is another one, and told of; nothing else is, and nothing twice.
        assertThat(received).hasSize(toldOf + 1);
        assertThat(received.stream().map(Received::id).distinct()).hasSize(received.size());
        assertThat(text(out)).doesNotContain(key.strip(), secret.strip());
    }

    /** Answers before the first refusal; one every few milliseconds. */
    private int untilRefused(String edge, String key) throws InterruptedException {
        long crossed = 0;
        for (int answered = 1; ; answered++) {
            int status = ask(edge + "/v1/items/1", key).statusCode();
            if (status == 429) {
                assertThat(System.nanoTime() - crossed)
                        .as("used up until refused, in ns")
                        .isLessThan(TimeUnit.SECONDS.toNanos(LAG_SECONDS));
                // One was asked before.
                return answered;
            }
            assertThat(status).isEqualTo(200);
            crossed = answered == QUOTA ? System.nanoTime() : crossed;
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    private long used(String edge, String key) {
        try {
            return new ObjectMapper()
                    .readTree(ask(edge + "/usage", key).body())
                    .at("/limits/0/used")
                    .asLong();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpResponse<String> ask(String url, String key) {
        try {
            return client.send(
                    HttpRequest.newBuilder(URI.create(url))
                            .header("Authorization", "Bearer " + key.strip())
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void within(String what, BooleanSupplier condition) throws InterruptedException {
        long start = System.nanoTime();
        Cli.until(what, condition);
        assertThat(System.nanoTime() - start).as(what + ", in ns").isLessThan(TimeUnit.SECONDS.toNanos(LAG_SECONDS));
    }

    private static String done(InProcess commands, String... command) {
        InProcess.Result result = commands.run(command);
        assertThat(result.exit()).as(result.err()).isZero();
        return result.out();
    }

    private static String signed(String secret, Received got) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(Base64.getDecoder().decode(secret.strip().replace("whsec_", "")), "HmacSHA256"));
        byte[] text = (got.id() + "." + got.timestamp() + "." + got.body()).getBytes(StandardCharsets.UTF_8);
        return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(text));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
