package io.counterfoil.jobs.imports;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import static org.assertj.core.api.Assertions.assertThat;

/** nginx and Apache: combined with what may stand before it and inside of it, and JSON that tells what the edge decided. */
final class NginxImportTest {
    private static final String TIME = "[01/Oct/2026:10:00:00 +0000]";

    @TempDir
    Path folder;

    @Test
    void aVirtualHostMayStandBeforeALineAndOffsetsMayDiffer() throws IOException {
        Imports imports = Imports.of(folder, "combined", "user");
        imports.run("lessons.example.com 192.0.2.1 - bob [01/Oct/2026:12:00:00 +0200] \"GET /a HTTP/1.1\" 200 5\n"
                + "a.example:443 2001:db8::1 - bob [01/Oct/2026:11:00:00 +0100] \"GET /a HTTP/1.1\" 206 7648063 \"-\" \"x\"\n"
                + "192.0.2.1 - bob [01/Oct/2026:03:00:00 -0700] \"GET /a HTTP/1.1\" 200 5 \"-\" \"x\"\n"
                // A user name with a blank is none of a virtual host.
                + "192.0.2.1 - bob eve " + TIME + " \"GET /a HTTP/1.1\" 200 5\n");

        assertThat(imports.records("ts_us", "key", "bytes_out"))
                .containsExactly("1790848800000000,bob,5", "1790848800000000,bob,7648063", "1790848800000000,bob,5");
        assertThat(imports.reasons()).containsExactly("not: address ident user [time] \"request\" status bytes");
    }

    @Test
    void theAddressBehindAVirtualHostIsTheCaller() throws IOException {
        Imports imports = Imports.of(folder, "combined", "address");
        imports.run("a.example 192.0.2.1 - - " + TIME + " \"GET /a HTTP/1.1\" 200 5\n");

        assertThat(imports.records("key")).containsExactly("192.0.2.1");
    }

    @Test
    void escapesOfApacheAndNginxAreUndoneBeforeAKeyIsLookedUp() throws IOException {
        Imports imports = Imports.of(folder, "combined", "query:k");
        imports.run("192.0.2.1 - - " + TIME + " \"GET /a?k=\\x22q\\\\uo\\\"te HTTP/1.1\" 200 5\n"
                + "192.0.2.1 - - " + TIME + " \"GET /a?x=1&k=b%2B%20c HTTP/1.1\" 200 5\n"
                + "192.0.2.1 - - " + TIME + " \"\\x16\\x03\\x01\" 400 5\n"
                + "192.0.2.1 - - " + TIME + " \"GET /b\\x HTTP/1.1\" 000 0\n");

        assertThat(imports.records("key", "status", "path"))
                .containsExactly(
                        Imports.label("k", "\"q\\uo\"te") + ",200,/a",
                        Imports.label("k", "b+ c") + ",200,/a",
                        "-,400,%16%03%01",
                        "-,499,/b\\x");
    }

    @Test
    void aForeignEdgeThatEnforcesSaysWhatItDecided() throws IOException {
        Path map = folder.resolve("map.properties");
        Files.writeString(map, """
                key = key_label
                bytes_in = request_body
                units = weight
                route = upstream
                decision = verdict
                request_id = request_id
                """);
        Imports imports = Imports.of(folder.resolve("landing"), "json", "user", Optional.of(map));
        String line =
                "{\"time_iso8601\":\"2026-10-01T10:00:00+00:00\",\"key_label\":\"acme\",\"request\":\"GET /a HTTP/1.1\","
                        + "\"status\":429,\"body_bytes_sent\":0,\"request_body\":\"17\",\"weight\":3,\"upstream\":\"search\","
                        + "\"verdict\":\"refused\",\"request_id\":\"abc\"}\n";
        imports.run(line
                + line.replace("refused", "")
                        .replace("\"weight\":3", "\"weight\":\"\"")
                        .replace("search", "-")
                + line.replace("refused", "shrugged")
                + line.replace("search", "Search!")
                + line.replace("\"weight\":3", "\"weight\":-3"));

        assertThat(imports.records("bytes_in", "units", "route", "decision", "request_id"))
                .containsExactly("17,3,search,refused,abc", "17,1,-,admitted,abc");
        assertThat(imports.reasons())
                .containsExactly(
                        "the decision is not one of admitted, warned, refused, unauthorized, unrouted",
                        "the route is not 1 to 64 of a-z 0-9 . _ -",
                        "the units are not a whole number");
    }

    @Test
    void aRequestWithoutAMethodShowsNoKeyAsOne() throws IOException {
        Imports imports = Imports.of(folder.resolve("combined"), "combined", "query:k");
        String key = "sk_live_0123456789abcdef01";
        imports.run("192.0.2.1 - - " + TIME + " \"/a?k=" + key + " HTTP/1.1\" 400 5\n"
                + "192.0.2.1 - - " + TIME + " \"" + key + " /a HTTP/1.1\" 400 5\n"
                + "192.0.2.1 - - " + TIME + " \"/a b?k=" + key + "\" 400 5\n"
                + "192.0.2.1 - - " + TIME + " \"M-SEARCH /a HTTP/1.1\" 200 5\n");
        Imports mapped = Imports.of(folder.resolve("json"), "json", "address");
        mapped.run("{\"ts\":1790848800,\"status\":200,\"method\":\"" + key + "\"}\n"
                + "{\"ts\":1790848800,\"status\":200,\"method\":\"/a?k=one\"}\n"
                + "{\"ts\":1790848800,\"status\":200,\"method\":\"GET\"}\n");

        assertThat(imports.records("key", "method", "path"))
                .containsExactly(
                        Imports.label("k", key) + ",-,/a",
                        "-,-,/a",
                        Imports.label("k", key) + ",-,/a b",
                        "-,M-SEARCH,/a");
        assertThat(mapped.records("method")).containsExactly("-", "-", "GET");
    }

    @Test
    void oddStatusesAndTimesAreTakenForWhatTheyAre() throws IOException {
        Imports imports = Imports.of(folder.resolve("combined"), "combined", "address");
        imports.run("192.0.2.1 - - " + TIME + " \"GET /a\" 009 5\n"
                + "192.0.2.1 - - " + TIME + " \"GET /a HTTP/1.1\" 099 5\n"
                + "192.0.2.1 - - " + TIME.replace("01/Oct", "31/Feb") + " \"GET /a HTTP/1.1\" 200 5\n");
        Imports json = Imports.of(folder.resolve("json"), "json", "hdr");
        json.run("{\"ts\":1790848800.1234567890123,\"duration\":0.1234561890123,\"status\":200,\"hdr\":[\"one\"]}\n"
                + "{\"ts\":" + 1790848800 + ",\"status\":200,\"hdr\":[\"one\",\"two\"]}\n");

        assertThat(imports.records("status", "path")).containsExactly("200,/a");
        assertThat(imports.reasons())
                .containsExactly("the status is not 100 to 999", "the time is not one with an offset");
        assertThat(json.records("ts_us", "duration_us", "key"))
                .containsExactly("1790848800123456,123456," + Imports.label("hdr", "one"), "1790848800000000,0,-");
    }

    @Test
    void theRequestLinesQueryIsTakenWhereTheUriHasNone() throws IOException {
        Imports imports = Imports.of(folder, "json", "query:k");
        String line = "{\"ts\":1790848800,\"status\":200,\"uri\":\"/a\",\"request\":\"GET /a?k=one HTTP/1.1\"}\n";
        imports.run(line + line.replace("\"/a\"", "\"/a?k=two\""));

        assertThat(imports.records("key", "path"))
                .containsExactly(Imports.label("k", "one") + ",/a", Imports.label("k", "two") + ",/a");
    }
}
