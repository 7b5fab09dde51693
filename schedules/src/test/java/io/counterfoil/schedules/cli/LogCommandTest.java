package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.Zstd;
import io.counterfoil.accesslog.log.AccessLog;
import io.counterfoil.accesslog.log.AccessLogConfig;
import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.schedules.cli.InProcess.Result;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;

/** The commands in this process, on a log that an edge's writer left. */
final class LogCommandTest {
    private static final long MICROS = 1_700_000_000_000_000L;

    @TempDir
    Path home;

    private FolderLanding landing;

    @BeforeEach
    void writeALog() throws Exception {
        landing = new FolderLanding(home.resolve("landing"));
        try (AccessLog log = AccessLog.open(
                AccessLogConfig.of(home.resolve("edge"), "edge-1", 1), landing, () -> MICROS, line -> {})) {
            for (String path : List.of("/v1/items/1", "/v1/\u001b[31m,\"x\"")) {
                log.stream(0)
                        .append(new RequestFacts(
                                7, "items", "GET", 200, 0, 512, 99, 1, Decision.ADMITTED, "req-1", "", path));
            }
            log.stream(0).end();
        }
    }

    @Test
    void catPrintsCsvOrJsonWithControlBytesEscaped() throws Exception {
        Seal seal = seal();
        Result csv = run("log", "cat", seal.id().toString());
        Result json = run("log", "cat", "--json", file().toString());

        assertThat(csv.out()).as(csv.err()).isEqualTo("""
                        seq,ts_us,key_id,route,method,status,bytes_in,bytes_out,duration_us,units,decision,request_id,client,path
                        1,1700000000000000,7,items,GET,200,0,512,99,1,admitted,req-1,,/v1/items/1
                        2,1700000000000000,7,items,GET,200,0,512,99,1,admitted,req-1,,/v1/%1B[31m%2C%22x%22
                        """);
        JsonNode second =
                new ObjectMapper().readTree(json.out().lines().toList().get(1));
        assertThat(second.get("seq").asLong()).isEqualTo(2);
        assertThat(second.get("decision").asText()).isEqualTo("admitted");
        assertThat(RecordLines.safe("a\u001b[0mé")).isEqualTo("a\\x1b[0m\\xe9");
    }

    @Test
    void verifyTellsOneLineASegmentAndEndsWith3WhereOneIsCorrupt() throws Exception {
        Result fine = run("log", "verify", file().toString());
        byte[] csv = Zstd.decompress(Files.readAllBytes(file()));
        int at = csv.length - 30;
        csv[at] ^= 1;
        Path copy = Files.createDirectories(home.resolve("copy")).resolve("1.csv.zst");
        Files.write(copy, Zstd.compress(csv));
        Files.copy(file().resolveSibling("1.seal.json"), copy.resolveSibling("1.seal.json"));
        Result both = run("log", "verify", file().toString(), copy.toString());
        Result shown = run("log", "cat", copy.toString());

        assertThat(fine.exit()).as(fine.err()).isZero();
        assertThat(fine.out()).startsWith("ok edge-1/").contains("2 records, seq 1 to 2", "first of its stream");
        assertThat(both.exit()).isEqualTo(3);
        assertThat(both.out().lines()).hasSize(2);
        assertThat(both.out())
                .contains("CORRUPT edge-1/", "line 3 (byte ", "byte " + at + " is 0x", "1 records, seq 1 to 1");
        assertThat(both.err()).contains("error: 1 of 2 segments are corrupt").doesNotContain("\tat ");
        assertThat(shown.exit()).isEqualTo(3);
        assertThat(shown.out().lines()).as("header and the record before").hasSize(2);
        assertThat(shown.err()).contains("is corrupt: line 3 (byte ");
        Result wrong = run("log", "verify", "nothing.csv");
        assertThat(wrong.exit()).isEqualTo(2);
        assertThat(wrong.err()).contains("segment is 'nothing.csv', expected a file segment-K.csv");
    }

    @Test
    void streamsTellsWhatIsWrittenSealedAndLanded() throws Exception {
        // As an edge leaves its folder that could not ship: sealed here, landed nowhere.
        Path sealed = home.resolve("edge/sealed");
        copy(home.resolve("landing"), sealed);
        Result waiting = run(
                "log", "streams", "--json", "--landing", home.resolve("empty").toString());
        Result landed = run("log", "streams");

        JsonNode row = new ObjectMapper().readTree(waiting.out());
        assertThat(row.get("last_seq").asLong()).as(waiting.err()).isEqualTo(2);
        assertThat(row.get("waiting").asLong()).isPositive();
        assertThat(row.get("landed_through").asText()).isEqualTo("-");
        assertThat(landed.out()).contains("landed_segment", "2023-11-14T22:13:20Z", "edge-1/");
        assertThat(run("log", "streams", "--data", home.resolve("none").toString())
                        .err())
                .contains("no stream in ");
    }

    @Test
    void whatCannotBeReadIsToldByItsCategory() throws Exception {
        String id = seal().id().toString();
        Path plain = Files.writeString(home.resolve("no-frame.csv.zst"), "no zstd");
        Path seal = file().resolveSibling("1.seal.json");
        Files.writeString(seal, "no seal");

        told(run("log", "cat", "--landing", "ftp://x", "1"), 2, "landing is 'ftp://x', expected a folder or s3://");
        told(run("log", "verify", plain.toString(), id), 3, plain + ": not a zstd frame");
        told(run("log", "cat", id), 3, "access log cannot be read: cannot read " + seal);
        told(run("log", "streams"), 3, "access log cannot be read: cannot read " + seal);
        Files.delete(seal);
        // Permissions do not stop root; a link to itself stops everybody.
        Files.createSymbolicLink(seal, seal);
        told(run("log", "cat", id), 2, "1.seal.json: Too many levels of symbolic links");
    }

    @Test
    void aLandingThatDoesNotAnswerIsDown() throws Exception {
        ProcessBuilder builder = new Cli(home)
                .process("log", "cat", "--landing", "s3://bucket", seal().id().toString());
        builder.environment()
                .putAll(Map.of(
                        "AWS_ENDPOINT_URL_S3",
                        "http://127.0.0.1:1",
                        "AWS_REGION",
                        "us-east-1",
                        "AWS_ACCESS_KEY_ID",
                        "test",
                        "AWS_SECRET_ACCESS_KEY",
                        "test"));
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(output).isEqualTo(4);
        assertThat(output).contains("error: access log cannot be read: ").doesNotContain("\tat ");
    }

    private static void told(Result result, int exit, String message) {
        assertThat(result.exit()).as(result.err() + result.out()).isEqualTo(exit);
        assertThat(result.err() + result.out()).contains(message);
        assertThat(result.err()).contains("error: ").doesNotContain("bug", "\tat ");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private Seal seal() throws IOException {
        return landing.sealsAfter(landing.streams().get(0), 0, 1).get(0);
    }

    private Path file() throws IOException {
        try (Stream<Path> files = Files.walk(home.resolve("landing"))) {
            return files.filter(file -> file.endsWith("1.csv.zst")).findFirst().orElseThrow();
        }
    }

    private Result run(String... arguments) {
        return new InProcess(List.of("--home=" + home)).run(arguments);
    }
}
