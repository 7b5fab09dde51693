package io.counterfoil.schedules.cli;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;

import static org.assertj.core.api.Assertions.assertThat;

/** The main job, and what it must not let pass. */
final class DemoTest {
    @TempDir
    Path folder;

    @Test
    void everythingIsEqualAlsoWhereTheHourTurnsDuringTheTraffic() throws Exception {
        Cli.Result result = new Cli(folder.resolve("home")).run("demo", "--at", "59:58");

        assertThat(result.exit()).as(result.out() + result.err()).isZero();
        assertThat(result.out())
                .contains("equal to the truth that other tools counted, row for row: 49,021 rows")
                .containsPattern(
                        "invoice 1, 2016-\\d\\d: [\\d,]+ requests, EUR [\\d.]+: equal to the truth's successes")
                .doesNotContain("NOT equal")
                .containsPattern(
                        "answered \\(client\\) ([\\d,]+), served \\(edge\\) \\1, logged \\1, counted \\1: equal")
                .contains("HTTP/1.1 429 Too Many Requests")
                .contains("demo: all equal");
        assertThat(folder.resolve("home/landing")).as("what up bills from").doesNotExist();
    }

    @Test
    void aTruthThatDiffersFailsTheDemoAndSaysWhere() throws Exception {
        Path log = folder.resolve("small.log");
        Files.writeString(log, """
                192.0.2.1 - bob [01/Oct/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 10 "-" "-"
                192.0.2.1 - bob [01/Oct/2026:10:00:01 +0000] "GET /a HTTP/1.1" 404 10 "-" "-"
                """);
        Path truth = folder.resolve("truth.csv");
        Files.writeString(truth, "hour_utc,api_key,requests,bytes,s4xx,s5xx\n2026-10-01T10:00:00Z,bob,3,20,1,0\n");

        Cli.Result result = new Cli(folder.resolve("home"))
                .run("demo", "--at", "59:59", "--log", log.toString(), "--truth", truth.toString());

        assertThat(result.exit()).as(result.out() + result.err()).isEqualTo(3);
        assertThat(result.out())
                .contains(
                        "2026-10-01T10:00:00Z bob: truth 3 requests, 20 bytes, 1 4xx, 0 5xx, counted 2 requests, 20 bytes,")
                .contains("invoice 1, 2026-10: 1 requests, EUR 0.00: NOT equal to the truth's 2 successes")
                .containsPattern(
                        "answered \\(client\\) ([\\d,]+), served \\(edge\\) \\1, logged \\1, counted \\1: equal");
    }
}
