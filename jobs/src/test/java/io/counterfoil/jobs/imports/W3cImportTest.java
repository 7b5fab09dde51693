package io.counterfoil.jobs.imports;

import io.counterfoil.sql.OperatorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** CloudFront and IIS: columns are what the header above them says. */
final class W3cImportTest {
    private static final Path CLOUDFRONT = Path.of("src/test/resources/logs/cloudfront-2018");
    private static final String HEADER = """
            #Version: 1.0
            #Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) \
            cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol \
            cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type \
            cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte \
            x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end
            """;

    private static final String IIS = """
            #Software: Microsoft Internet Information Services 10.0
            #Version: 1.0
            #Date: 2026-10-01 00:00:00
            """;

    @TempDir
    Path folder;

    @Test
    void realRowsOfCloudFrontEqualTheTruthThatOtherToolsCounted() throws IOException {
        Imports imports = Imports.of(folder, "cloudfront", "address");
        ImportResult result = imports.run(Files.newInputStream(CLOUDFRONT.resolve("sample-cloudfront-access-logs.gz")));

        Map<String, List<Long>> truth = new HashMap<>();
        try (InputStream in = new GZIPInputStream(
                Files.newInputStream(CLOUDFRONT.resolve("sample-cloudfront-access-logs.truth.csv.gz")))) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .skip(1)
                    .toList()) {
                String[] row = line.split(",", -1);
                truth.put(row[0] + "," + row[1], List.of(Long.parseLong(row[2]), Long.parseLong(row[3])));
            }
        }
        assertThat(imports.sums()).isEqualTo(truth);
        assertThat(result.requests()).isEqualTo(66);
        assertThat(result.rejects()).isZero();
        assertThat(result.skipped()).as("header lines").isEqualTo(2);
        assertThat(imports.records("request_id", "duration_us", "bytes_in", "path")
                        .get(0))
                .isEqualTo("PsDv-_qwCLPFx4CUU0cHWEmaH72tmUZkj70pPiTS-8KQBa616MpB1Q==,394000,337,/notavailable.json");
    }

    @Test
    void whatBreaksParsersOfCloudFrontIsOneRecordEach() throws IOException {
        Imports imports = Imports.of(folder, "cloudfront", "query:api_key");
        String log = HEADER
                + row("2026-10-01\t10:00:02", 300, "198.51.100.7", "200", "api_key=one", "same-id", "-")
                // The client left before a response; out of order; an address of IPv6; the same request id again.
                + row("2026-10-01\t10:00:01", 0, "2001:db8:add::6", "000", "api_key=one", "same-id", "a, b")
                + row("2026-10-01\t10:00:01", 7, "2001:db8:add::6", "304", "-", "same-id", "localhost:8080")
                // Encoded by the client, and by CloudFront again.
                + row("2026-10-01\t10:00:03", 5, "198.51.100.7", "200", "x=1&api_key=t%2577%256F", "other", "a,b")
                + cut(row("2026-10-01\t10:00:04", 9, "198.51.100.7", "206", "-", "last", "-"), 1)
                + cut(row("2026-10-01\t10:00:05", 9, "198.51.100.7", "200", "-", "short", "-"), 26)
                + row("2026-10-01\t10:00:06", 9, "198.51.100.7", "200", "-", "long", "-")
                        .strip() + "\tmore\n";

        ImportResult result = imports.run(log);

        assertThat(imports.records("ts_us", "key", "status", "bytes_out", "request_id"))
                .containsExactly(
                        "1790848802000000," + Imports.label("api_key", "one") + ",200,300,same-id",
                        "1790848801000000," + Imports.label("api_key", "one") + ",499,0,same-id",
                        "1790848801000000,-,304,7,same-id",
                        "1790848803000000," + Imports.label("api_key", "two") + ",200,5,other",
                        "1790848804000000,-,206,9,last");
        assertThat(imports.reasons())
                .containsExactly(
                        "no status: none of the fields [sc-status]; name it with --map",
                        "34 columns, the #Fields: line above names 33");
        assertThat(result.requests() + result.rejects()).isEqualTo(7);
    }

    private static String row(
            String dateTime, int bytes, String address, String status, String query, String id, String forwarded) {
        return String.join(
                        "\t",
                        dateTime,
                        "FRA53",
                        Integer.toString(bytes),
                        address,
                        "GET",
                        "d111.example.net",
                        "/a%2520b",
                        status,
                        "-",
                        "curl/8",
                        query,
                        "-",
                        "Hit",
                        id,
                        "api.example.com",
                        "https",
                        "120",
                        "0.020",
                        forwarded,
                        "TLSv1.3",
                        "-",
                        "Hit",
                        "HTTP/2.0",
                        "-",
                        "-",
                        "443",
                        "0.010",
                        "Hit",
                        "text/html;charset=utf-8",
                        "-",
                        "-",
                        "-")
                + "\n";
    }

    private static String cut(String row, int columns) {
        String[] values = row.strip().split("\t", -1);
        return String.join("\t", List.of(values).subList(0, values.length - columns)) + "\n";
    }

    @Test
    void theHeaderAboveALineSaysWhatItsColumnsAreAlsoWhereAnImportGoesOnBelowIt() throws IOException {
        String log = iisLog(4711);
        Map<String, List<Long>> truth = iisTruth(log);
        Imports whole = Imports.of(folder.resolve("whole"), "iis", "user");
        whole.run(log);
        Imports pieces = Imports.of(folder.resolve("pieces"), "iis", "user");
        int runs = 0;
        for (int length = 100; length < log.length(); length += 131) {
            // A pipe, then a compressed file: neither can be sought in.
            pieces.run(runs % 2 == 0 ? stream(log.substring(0, length)) : gzip(log.substring(0, length)));
            runs++;
        }
        pieces.run(log);

        assertThat(truth).hasSizeGreaterThan(5);
        assertThat(whole.sums()).isEqualTo(truth);
        assertThat(pieces.sums()).as("in " + runs + " pieces").isEqualTo(truth);
        assertThat(whole.reasons()).isEmpty();
        assertThat(pieces.reasons()).isEmpty();
    }

    /** Every few lines the header comes again, with its columns in another order. */
    private static String iisLog(long seed) {
        Random random = new Random(seed);
        StringBuilder log = new StringBuilder();
        for (int part = 0; part < 6; part++) {
            boolean swapped = part % 2 == 1;
            log.append(IIS)
                    .append("#Fields: date time ")
                    .append(swapped ? "sc-bytes cs-bytes c-ip cs-username" : "c-ip cs-username cs-bytes sc-bytes")
                    .append(" cs-method cs-uri-stem cs-uri-query sc-status time-taken\n");
            for (int i = 0; i < 5; i++) {
                String who = "192.0.2." + i + " " + List.of("bob", "eve", "-").get(random.nextInt(3));
                int bytes = random.nextInt(5000);
                log.append("2026-10-01 1")
                        .append(part)
                        .append(":59:5")
                        .append(i)
                        .append(swapped ? " " + bytes + " 77 " + who : " " + who + " 77 " + bytes)
                        .append(" GET /a q=1 200 ")
                        .append(random.nextInt(900))
                        .append("\r\n");
            }
        }
        return log.toString();
    }

    /** By regular expressions, which know both orders. */
    private static Map<String, List<Long>> iisTruth(String log) {
        Map<String, List<Long>> truth = new HashMap<>();
        java.util.regex.Matcher lines = java.util.regex.Pattern.compile(
                        "(?m)^2026-10-01 (\\d\\d)\\S+ (?:192\\S+ (\\S+) 77 (\\d+)|(\\d+) 77 192\\S+ (\\S+)) GET")
                .matcher(log);
        while (lines.find()) {
            String user = lines.group(2) == null ? lines.group(5) : lines.group(2);
            long bytes = Long.parseLong(lines.group(3) == null ? lines.group(4) : lines.group(3));
            truth.merge(
                    "2026-10-01T" + lines.group(1) + ":00:00Z," + user,
                    List.of(1L, bytes),
                    (a, b) -> List.of(a.get(0) + b.get(0), a.get(1) + b.get(1)));
        }
        return truth;
    }

    @Test
    void iisCountsMillisecondsAndTakesAKeyFromAColumnOfTheOperatorsOwn() throws IOException {
        Imports imports = Imports.of(folder, "iis", "X-Key-Label");
        imports.run(IIS + "#Fields: date time c-ip cs-method cs-uri-stem sc-status time-taken X-Key-Label\n"
                + "2026-10-01 10:00:00 192.0.2.1 GET /a 200 1234 acme\n"
                + "2026-10-01 10:00:00 192.0.2.1 GET /a 200 1234\n");

        assertThat(imports.records("duration_us", "key", "bytes_out"))
                .containsExactly("1234000," + Imports.label("X-Key-Label", "acme") + ",0");
        assertThat(imports.reasons()).containsExactly("7 columns, the #Fields: line above names 8");
    }

    @Test
    void aLogWithoutAHeaderIsRefusedAndSoIsAUserThatTheFormatHasNot() {
        Imports imports = Imports.of(folder, "iis", "user");

        assertThatThrownBy(() -> imports.run("2026-10-01 10:00:00 192.0.2.1 GET /a 200 1\n"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("no #Fields: line above it says what its columns are");
        assertThatThrownBy(() -> Imports.of(folder, "cloudfront", "user"))
                .isInstanceOf(OperatorException.class)
                .hasMessage("--key-from is 'user', expected address or query:PARAMETER, or the name of a field:"
                        + " cloudfront has no user");
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static InputStream gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return new ByteArrayInputStream(bytes.toByteArray());
    }

    @Test
    void aRowThatEndsBeforeItsKeyIsAReject() throws IOException {
        String row = row("2026-10-01\t10:00:04", 9, "198.51.100.7", "206", "api_key=one", "id", "-");
        Imports query = Imports.of(folder.resolve("query"), "cloudfront", "query:api_key");
        query.run(HEADER + row + cut(row, 22));
        Imports field = Imports.of(folder.resolve("field"), "cloudfront", "x-host-header");
        field.run(HEADER + row + cut(row, 18));

        assertThat(query.records("key")).containsExactly(Imports.label("api_key", "one"));
        assertThat(query.reasons())
                .containsExactly("the line ends before the column that the key comes from, cs-uri-query");
        assertThat(field.records("key")).containsExactly(Imports.label("x-host-header", "api.example.com"));
        assertThat(field.reasons())
                .containsExactly("the line ends before the column that the key comes from, x-host-header");
    }

    @Test
    void aLastLineThatWasTakenWithoutItsNewlineIsNoRewriting() throws IOException {
        String log = IIS + "#Fields: date time c-ip cs-method cs-uri-stem sc-status time-taken\n"
                + "2026-10-01 10:00:00 192.0.2.1 GET /a 200 1\n2026-10-01 10:00:01 192.0.2.1 GET /b 200 1";
        String more = "\n2026-10-01 10:00:02 192.0.2.1 GET /c 200 1\n";
        Imports imports = Imports.of(folder, "iis", "address");
        ImportSettings taking = new ImportSettings("iis", "address", "shop", Optional.empty(), true, false, true);
        Imports unterminated = new Imports(imports.landing(), imports.database(), taking);

        assertThat(unterminated.run(stream(log)).requests()).isEqualTo(2);
        assertThat(imports.run(stream(log)).requests()).isZero();
        assertThat(unterminated.run(gzip(log)).requests()).isZero();
        assertThat(imports.run(stream(log + more)).requests()).isEqualTo(1);
        assertThat(imports.records("path")).containsExactly("/a", "/b", "/c");
        assertThat(imports.reasons()).isEmpty();
    }
}
