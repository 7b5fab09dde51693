package io.counterfoil.schedules.cli;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;

/** The single machine: up, with commands beside it, stopped in order and killed. */
final class UpTest {
    private static final Pattern ADDRESS = Pattern.compile("answers on (http://\\S+?),");

    @TempDir
    Path folder;

    @Test
    void countsRefusesStopsInOrderAndComesBackAfterKill() throws Exception {
        Path home = folder.resolve("home");
        Cli cli = new Cli(home);
        cli.run("init", folder.resolve("edge").toString());
        Path config = folder.resolve("edge/edge.yaml");
        Files.writeString(config, Files.readString(config).replaceAll("(?m)^listen:.*$", "listen: 127.0.0.1:0"));
        String[] up = {"up", "--config", config.toString()};

        Cli.Running killed = cli.start(up);
        awaitCounting(killed);
        cli.run("account", "create", "Acme");
        cli.run("plan", "create", "tiny", "--limit", "20/hour");
        String key = cli.run("key", "create", "--account", "Acme", "--plan", "tiny")
                .out()
                .strip();
        int refusedAfter = askUntilRefused(address(killed), key);
        killed.process().destroyForcibly().waitFor();

        Cli.Running stopped = cli.start(up);
        awaitCounting(stopped);
        int status = ask(address(stopped), key);
        // What Ctrl-C sends.
        new ProcessBuilder("kill", "-INT", Long.toString(stopped.process().pid()))
                .start()
                .waitFor();
        Cli.Result end = stopped.await();
        Cli.Result report = cli.run("report", "usage-hourly", "--format", "csv");

        assertThat(refusedAfter).isGreaterThanOrEqualTo(20);
        assertThat(status).as("the flag outlasts the kill").isEqualTo(429);
        assertThat(end.exit()).as(end.out() + end.err()).isZero();
        assertThat(end.out())
                .as("its log goes on over the kill")
                .doesNotContain("ALARM")
                .contains("streams ended, all shipped")
                .endsWith("stopped\n");
        assertThat(cli.run("hours").out()).contains("running").doesNotContain("did not come", "declare-lost");
        long counted = report.out()
                .lines()
                .skip(1)
                .mapToLong(line -> Long.parseLong(line.split(",", -1)[3]))
                .sum();
        assertThat(counted).as(report.out()).isEqualTo(refusedAfter + 2L);
    }

    private static void awaitCounting(Cli.Running up) throws InterruptedException {
        Cli.until(
                "up counts",
                () -> output(up).contains("usage is counted") || !up.process().isAlive());
        assertThat(up.process().isAlive()).as(output(up)).isTrue();
    }

    private static String address(Cli.Running up) {
        Matcher matcher = ADDRESS.matcher(output(up));
        assertThat(matcher.find()).as(output(up)).isTrue();
        return matcher.group(1);
    }

    private static String output(Cli.Running up) {
        try {
            return up.output();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many were answered before the first refusal. */
    private static int askUntilRefused(String address, String key) throws Exception {
        for (int answered = 0; answered < 100_000; answered++) {
            int status = ask(address, key);
            if (status == 429) {
                return answered;
            }
            // The edge learns of a new key within its poll.
            assertThat(status).isIn(200, 401);
            answered -= status == 401 ? 1 : 0;
        }
        throw new AssertionError("never refused");
    }

    private static int ask(String address, String key) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + "/v1/items/1"))
                .header("Authorization", "Bearer " + key)
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
