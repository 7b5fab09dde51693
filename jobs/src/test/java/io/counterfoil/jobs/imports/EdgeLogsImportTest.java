package io.counterfoil.jobs.imports;

import io.counterfoil.sql.OperatorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Logpush and load balancers: rows built out of what is known to break parsers. */
final class EdgeLogsImportTest {
    private static final String ALB = "app/shop/0123456789abcdef 198.51.100.7:40000 10.0.0.1:80 ";
    private static final String ALB_END = " \"curl/8\" - - - \"Root=1-1\" \"-\" \"-\" 0 2026-10-01T09:59:59.500000Z"
            + " \"forward\" \"-\" \"-\" \"10.0.0.1:80\" \"200\" \"-\" \"-\"\n";

    @TempDir
    Path folder;

    @Test
    void theSameInstantInEveryEncodingOfLogpushIsTheSameInstant() throws IOException {
        Imports imports = Imports.of(folder, "cloudflare", "address");
        String[] encodings = {
            "\"2022-05-25T13:25:26Z\"",
            "\"1653485126\"",
            "1653485126",
            "\"1653485126000000000\"",
            "1653485126000000000",
            "\"1653485126000\""
        };
        StringBuilder log = new StringBuilder();
        for (String time : encodings) {
            log.append(logpush(time, ""));
        }
        ImportResult result = imports.run(log.toString());

        assertThat(result.requests()).isEqualTo(encodings.length);
        assertThat(imports.records("ts_us", "status", "bytes_out", "bytes_in", "request_id", "key", "path"))
                .hasSize(encodings.length)
                .containsOnly("1653485126000000,200,980397,1020,710e98d9367f357d,203.0.113.9,/v1/rows");
    }

    @Test
    void anHourCountsWhereARequestEndedAndItsDurationIsWhatLiesBetween() throws IOException {
        Imports imports = Imports.of(folder, "cloudflare", "address");
        imports.run(logpush("1790852400500000000", ", \"EdgeStartTimestamp\": 1790852399250000000"));

        assertThat(imports.sums()).containsOnlyKeys("2026-10-01T11:00:00Z,203.0.113.9");
        assertThat(imports.records("duration_us")).containsExactly("1250000");
    }

    @Test
    void subrequestsOfWorkersAreLeftOutAndCountedAsSuch() throws IOException {
        Imports imports = Imports.of(folder, "cloudflare", "address");
        ImportResult result = imports.run(logpush(
                        "1653485126", ", \"ParentRayID\": \"00\", \"WorkerSubrequest\": false")
                + logpush("1653485126", ", \"WorkerSubrequest\": true")
                + logpush("1653485126", ", \"ParentRayID\": \"710e98d9367f357d\"")
                + logpush("1653485126", ", \"JA4Signals\": {\"h2\": [1, 2]}, \"Cookies\": {}, \"ParentRayID\": \"\""));

        assertThat(result.requests()).isEqualTo(2);
        assertThat(result.leftOut()).isEqualTo(2);
        assertThat(result.leftOutWhat()).isEqualTo("subrequests of Workers");
        assertThat(result.rejects() + result.skipped()).isZero();
        assertThat(imports.records()).hasSize(2);
    }

    @Test
    void aKeyInALoggedRequestHeaderIsHashedAtOnce() throws IOException {
        Imports imports = Imports.of(folder, "cloudflare", "RequestHeaders.x-api-key");
        imports.run(logpush("1653485126", ", \"RequestHeaders\": {\"x-api-key\": \"my-secret\", \"a\": \"b\"}")
                + logpush("1653485126", ""));

        assertThat(imports.records("key")).containsExactly(Imports.label("RequestHeaders.x-api-key", "my-secret"), "-");
        assertThat(imports.records().toString()).doesNotContain("my-secret");
    }

    @Test
    void aLogpushJobWithoutBodyBytesIsRefusedUntilAFieldIsNamed() throws IOException {
        String log = logpush("1653485126", "").replace("EdgeResponseBodyBytes", "Other");
        Imports imports = Imports.of(folder.resolve("a"), "cloudflare", "address");

        assertThatThrownBy(() -> imports.run(log))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining(
                        "no bytes: none of the fields [EdgeResponseBodyBytes]; name it with --map). Nothing was imported");

        Path map = folder.resolve("map.properties");
        Files.writeString(map, "bytes = EdgeResponseBytes\n");
        Imports mapped = Imports.of(folder.resolve("b"), "cloudflare", "address", Optional.of(map));
        mapped.run(log);
        assertThat(mapped.records("bytes_out")).containsExactly("981308");
    }

    private static String logpush(String end, String more) {
        return "{\"ClientIP\": \"203.0.113.9\", \"ClientRequestBytes\": 1020, \"ClientRequestMethod\": \"GET\","
                + " \"ClientRequestURI\": \"/v1/rows?x=1\", \"EdgeEndTimestamp\": " + end
                + ", \"EdgeResponseBodyBytes\": 980397, \"EdgeResponseBytes\": 981308, \"EdgeResponseStatus\": 200,"
                + " \"OriginResponseStatus\": 0, \"RayID\": \"710e98d9367f357d\"" + more + "}\n";
    }

    @Test
    void aRealRowOfALoadBalancerWhoseClientLeftIsOneRecord() throws IOException {
        Imports imports = Imports.of(folder, "alb", "address");
        imports.run(Files.newInputStream(Path.of("src/test/resources/logs/cloudfront-2018/sample-alb-logs.gz")));

        assertThat(imports.records("ts_us", "key", "method", "status", "bytes_in", "bytes_out", "duration_us", "path"))
                .containsExactly("1541664933779204,185.25.104.250,GET,460,185,0,1204,/");
    }

    @Test
    void whatBreaksParsersOfLoadBalancersIsOneRecordEach() throws IOException {
        Imports imports = Imports.of(folder, "alb", "query:api_key");
        ImportResult result = imports.run(alb(
                        "http", "-1 -1 -1 301 -", "GET http://a.example:80/x?api_key=one HTTP/1.1")
                + alb("h2", "0.000 0.001 0.000 200 200", "GET https://a.example:443/with a space?api_key=one HTTP/2.0")
                + alb("http", "-1 -1 -1 400 -", "- http://a.example:80-/ ")
                + alb("https", "-1 -1 -1 - -", "- http://a.example:80- -")
                + alb("http", "0.000 0.001 0.000 200 200", "GET http://a.example:80/ HTTP/1.1")
                        .replace("curl/8", "Hello, \\\"world\\\" \\x22")
                // A network load balancer's line, a connection log's, and what is none of all that.
                + "tls 2.0 2026-10-01T10:00:00 net/lb/0 0123 198.51.100.7:1 10.0.0.1:443 5 2 98 246 - arn - TLSv12 h\n"
                + "2026-10-01T10:00:00.500000Z 198.51.100.7 40000 443 TLSv1.2 ECDHE 4.036 \"CN=a\" - - Success\n"
                + "2026-10-01T10:00:00.500000Z my-classic-lb 198.51.100.7:1 10.0.0.1:80 0 0 0 200 200 0 29 \"GET\"\n"
                + "http 2026-10-01T10:00:00.500000Z app/shop/0 198.51.100.7:1\n");

        assertThat(imports.records("key", "method", "status", "path", "duration_us"))
                .containsExactly(
                        Imports.label("api_key", "one") + ",GET,301,/x,1000000",
                        Imports.label("api_key", "one") + ",GET,200,/with a space,1000000",
                        "-,-,400,/,1000000",
                        "-,-,499,-,1000000",
                        "-,GET,200,/,1000000");
        assertThat(result.leftOut()).isEqualTo(2);
        assertThat(result.leftOutWhat()).isEqualTo("lines of connections, which are no requests");
        assertThat(imports.reasons())
                .containsExactly(
                        "the type is none of http, https, h2, grpcs, ws, wss",
                        "4 fields, the request of a load balancer's line is the 13th");
    }

    private static String alb(String type, String timesAndStatus, String request) {
        return type + " 2026-10-01T10:00:00.500000Z " + ALB + timesAndStatus + " 100 200 \"" + request + "\"" + ALB_END;
    }

    @Test
    void aRequestOfLogpushThatEndedAtZeroIsAReject() throws IOException {
        Imports imports = Imports.of(folder, "cloudflare", "address");
        imports.run(logpush("1653485126", "") + logpush("0", ""));

        assertThat(imports.records()).hasSize(1);
        assertThat(imports.reasons()).containsExactly("the time is 0, the request has no end");
    }

    @Test
    void noUserAgentRejectsALoadBalancersLineOrMakesItsDuration() throws IOException {
        Imports imports = Imports.of(folder, "alb", "address");
        String line = alb("http", "0.000 0.001 0.000 200 200", "GET http://a.example:80/ HTTP/1.1");
        imports.run(line.replace("curl/8", "curl\\\\")
                + line.replace("curl/8", "curl\\")
                + line.replace("curl/8", "a\" b")
                + line.replace("curl/8", "a \"")
                + line.replace("09:59:59", "19:59:59")
                + line.replace("2026-10-01T09", "2025-10-01T09"));

        assertThat(imports.reasons()).isEmpty();
        assertThat(imports.records("status", "duration_us"))
                .containsExactly("200,1000000", "200,0", "200,0", "200,1000000", "200,0", "200,0");
    }

    @Test
    void aKeyOfALoadBalancersUrlIsFoundWithoutAPathAndBehindEscapes() throws IOException {
        Imports imports = Imports.of(folder, "alb", "query:k");
        String times = "0.000 0.001 0.000 200 200";
        imports.run(alb("http", times, "GET http://a.example:80?k=one HTTP/1.1")
                + alb("http", times, "GET http://a.example:80?u=http://b/c&k=one HTTP/1.1")
                + alb("http", times, "GET http://a.example:80/a?k=o\\x22ne HTTP/1.1")
                + alb("http", times, "GET /a?k=one&u=http://b/c HTTP/1.1"));

        String one = Imports.label("k", "one");
        assertThat(imports.records("key", "path"))
                .containsExactly(one + ",/", one + ",/", Imports.label("k", "o\"ne") + ",/a", one + ",/a");
    }
}
