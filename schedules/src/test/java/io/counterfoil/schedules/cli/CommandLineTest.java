package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.schedules.home.Database;
import io.counterfoil.schedules.home.Home;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.testing.TestDatabase;
import org.apache.commons.csv.CSVFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;

import static org.assertj.core.api.Assertions.assertThat;

/** The commands as people and scripts run them: processes, files, exit codes, what they print. */
final class CommandLineTest {
    private static final String BLOG = "/io/counterfoil/schedules/demo/blog-2016/blog-2016";

    @TempDir
    Path folder;

    /** Held, so that not every command starts and stops the server. */
    private Database database;

    @BeforeEach
    void holdTheServer() {
        database = Database.open(Home.at(folder.resolve("home")), Optional.empty(), progress -> {});
    }

    @AfterEach
    void letGoOfTheServer() {
        database.close();
    }

    @Test
    void theFirstHalfOfARealLogThenTheWholeEqualsItsTruth() throws Exception {
        Cli cli = new Cli(folder.resolve("home"));
        byte[] log = resource(BLOG + ".log.gz");
        Path file = folder.resolve("access.log");
        Files.write(file, Arrays.copyOf(log, log.length / 2));
        String[] importLog = {
            "import", "--format", "combined", "--key-from", "user", "--source", "blog", "--create-keys", file.toString()
        };

        Cli.Result half = cli.run(importLog);
        Files.write(file, log);
        Cli.Result whole = cli.run(importLog);
        Cli.Result again = cli.run(importLog);
        Cli.Result rollup = cli.run("job", "rollup", "--json");
        Cli.Result report = cli.run("report", "usage-hourly", "--format", "csv");

        assertThat(half.exit()).as(half.err()).isZero();
        assertThat(half.out()).contains("bytes behind the last newline wait");
        assertThat(whole.out()).contains("bytes were imported before");
        assertThat(again.out()).contains(": 0 requests, 0 rejects");
        assertThat(new ObjectMapper().readTree(rollup.out()).get("records").asLong())
                .isEqualTo(206_860);
        assertThat(usage(report.out())).isEqualTo(truth());
        assertThat(psql(report)).isTrue();
    }

    /** The report's file, run by psql, gives the same rows; where psql is missing, that part is skipped. */
    private boolean psql(Cli.Result report) throws Exception {
        boolean there = Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(path -> Files.isExecutable(Path.of(path, "psql")));
        if (!there) {
            System.out.println("psql is not installed: 'psql -f usage-hourly.sql' was not compared");
            return true;
        }
        Path sql = folder.resolve("usage-hourly.sql");
        Files.write(sql, resource("/io/counterfoil/sql/report/usage-hourly.sql"));
        URI url = URI.create(database.jdbcUrl().substring("jdbc:".length()));
        Process psql = new ProcessBuilder("psql", "--csv", "-q", "-f", sql.toString(), url.toString())
                .redirectErrorStream(true)
                .start();
        String rows = new String(psql.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(psql.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(rows).isEqualTo(report.out());
        return true;
    }

    @Test
    void accountsPlansAndKeysAreMadeAndKeysAreShownOnceOnly() throws Exception {
        Cli cli = new Cli(folder.resolve("home"));
        Path keys = folder.resolve("keys.csv");
        Files.writeString(
                keys,
                "account,label,plan,key\nAcme,acme-old,small,old-secret-0001\nAcme,acme-2,small,\"odd,secret\"\n");

        assertThat(cli.run("account", "create", "Acme", "--external-id", "42").exit())
                .isZero();
        assertThat(cli.run("plan", "create", "small", "--limit", "1000/hour", "--over", "warn")
                        .exit())
                .isZero();
        Cli.Result key =
                cli.run("key", "create", "--account", "Acme", "--plan", "small", "--label", "acme-prod", "--json");
        Cli.Result imported = cli.run("key", "import", keys.toString());
        Cli.Result importedAgain = cli.run("key", "import", keys.toString());

        JsonNode json = new ObjectMapper().readTree(key.out());
        assertThat(json.get("key").asText()).matches("cfk_live_[0-9A-Za-z]{8}_[0-9A-Za-z]{49}");
        assertThat(json.get("label").asText()).isEqualTo("acme-prod");
        assertThat(imported.out()).startsWith("2 keys imported, 0 were there already");
        assertThat(importedAgain.out()).startsWith("0 keys imported, 2 were there already");
        assertThat(filesHolding(folder.resolve("home"), json.get("key").asText(), "old-secret-0001"))
                .isEmpty();
    }

    @Test
    void badInputEndsTheProcessWithItsExitCode() throws Exception {
        Cli.Result result = new Cli(folder.resolve("home")).run("report", "usage-hourly", "--fromat", "csv");

        assertThat(result.exit()).as(result.err()).isEqualTo(2);
        assertThat(result.err()).contains("error: Unknown option");
    }

    @Test
    void anImportStopsBeforeAKeyThatNobodyKnowsAndGoesOnOnceItDoes() throws Exception {
        Cli cli = new Cli(folder.resolve("home"));
        Path log = folder.resolve("access.json");
        Files.writeString(log, """
                {"time_iso8601":"2026-10-01T10:00:00+00:00","request_method":"GET","request_uri":"/a?x=1","status":200,\
                "body_bytes_sent":10,"request_time":0.250,"api_key":"secret-abc"}
                not json
                {"time_iso8601":"2026-10-01T12:59:59.999+02:00","request_method":"GET","request_uri":"/b","status":401,\
                "body_bytes_sent":1,"request_time":0.001,"api_key":"guessed"}
                """);
        String[] importLog = {"import", "--format", "json", "--key-from", "api_key", "--source", "shop", log.toString()
        };
        Path keys = folder.resolve("keys.csv");
        Files.writeString(keys, "account,label,plan,key\nAcme,acme-1,small,secret-abc\n");

        Cli.Result stopped = cli.run(importLog);
        cli.run("account", "create", "Acme");
        cli.run("plan", "create", "small", "--limit", "5/day");
        cli.run("key", "import", keys.toString());
        Cli.Result imported = cli.run(importLog);
        cli.run("job", "rollup");
        Cli.Result report = cli.run("report", "usage-hourly", "--format", "csv");

        assertThat(stopped.exit()).as(stopped.err()).isEqualTo(2);
        assertThat(stopped.err())
                .startsWith("error: log file ")
                .contains("the key in 'api_key' is not known")
                .doesNotContain("secret-abc", "\tat ")
                .contains("access.json, line 1 (byte 0)");
        assertThat(imported.out())
                .contains("2 requests, 1 rejects")
                .contains("1 requests with a key that nobody knows");
        assertThat(report.out()).isEqualTo("""
                        hour,account,key,requests,billable_requests,units,bytes_out,success,client_errors,server_errors,refused,unauthorized,grade
                        2026-10-01T10:00:00Z,-,-,1,0,1,1,0,1,0,0,0,best-effort
                        2026-10-01T10:00:00Z,Acme,acme-1,1,1,1,10,1,0,0,0,0,best-effort
                        """);
        assertThat(filesHolding(folder.resolve("home"), "secret-abc", "guessed"))
                .isEmpty();
    }

    @Test
    void outputThatIsNotWholeIsNoSuccess() throws Exception {
        Process full = new Cli(folder.resolve("home"))
                .process("report", "usage-hourly", "--format", "csv")
                .redirectOutput(Path.of("/dev/full").toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();

        assertThat(full.waitFor()).isEqualTo(2);
        assertThat(folder.resolve("err")).content().contains("standard output took no more");
    }

    @Test
    void aServerOfOnesOwnIsUsedAndNothingIsStartedBesideIt() throws Exception {
        TestDatabase server = TestDatabase.fresh();
        Cli cli = new Cli(folder.resolve("other-home"));

        Cli.Result created = cli.run("--database", server.jdbcUrl(), "account", "create", "Acme");

        assertThat(created.exit()).as(created.err()).isZero();
        assertThat(new AccountStore(server.jdbi()).find("Acme")).isPresent();
        assertThat(folder.resolve("other-home")).doesNotExist();
    }

    /** Files below a folder that hold any of the texts. */
    private static List<Path> filesHolding(Path below, String... texts) throws IOException {
        try (var files = Files.walk(below)) {
            return files.filter(Files::isRegularFile)
                    // Closing a file that this process holds a lock on would let go of the lock: so does POSIX.
                    .filter(file -> !file.toString().endsWith(".lock"))
                    .filter(file -> !file.toString().contains("postgres-binaries"))
                    .filter(file -> {
                        try {
                            String content = Files.readString(file, StandardCharsets.ISO_8859_1);
                            return Arrays.stream(texts).anyMatch(content::contains);
                        } catch (IOException e) {
                            // A server that stops removes its own files meanwhile.
                            return false;
                        }
                    })
                    .toList();
        }
    }

    /** hour, key, requests, bytes, 4xx, 5xx. */
    static List<String> usage(String csv) throws IOException {
        return rows(csv, "hour", "key", "requests", "bytes_out", "client_errors", "server_errors");
    }

    static List<String> truth() throws IOException {
        String csv = new String(resource(BLOG + ".truth.csv.gz"), StandardCharsets.UTF_8);
        return rows(csv, "hour_utc", "api_key", "requests", "bytes", "s4xx", "s5xx");
    }

    private static List<String> rows(String csv, String... columns) throws IOException {
        CSVFormat format = CSVFormat.RFC4180
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .get();
        return format.parse(new StringReader(csv)).stream()
                .map(row ->
                        String.join(" ", Arrays.stream(columns).map(row::get).toList()))
                .toList();
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = CommandLineTest.class.getResourceAsStream(name)) {
            return name.endsWith(".gz") ? new GZIPInputStream(in).readAllBytes() : in.readAllBytes();
        }
    }
}
