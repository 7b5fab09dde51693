package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.SegmentReader;
import io.counterfoil.accesslog.record.RecordCursor;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What foreign files do: odd line ends, compression in members, growth, being rewritten. */
final class ImportJobTest {
    private static final String CSV = "time,status,bytes,user,path\n";
    private static final String ROW = "2026-10-01T10:00:00Z,200,5,bob,/a\n";

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.fresh();

    @Test
    void byteOrderMarksAndCarriageReturnsAreNoPartOfTheData() {
        ImportResult result = run("csv", bytes("\uFEFF" + (CSV + ROW + ROW).replace("\n", "\r\n")), false);

        assertThat(result.requests()).isEqualTo(2);
        assertThat(result.rejects()).isZero();
        assertThat(result.createdKeys()).isEqualTo(1);
    }

    @Test
    void everyMemberOfAGzipThatComesThroughAPipeIsRead() throws IOException {
        ByteArrayOutputStream members = new ByteArrayOutputStream();
        members.writeBytes(gzip(CSV + ROW));
        members.writeBytes(gzip(ROW + ROW));
        // As a pipe between two writes: it never tells that more is to come.
        InputStream pipe = new ByteArrayInputStream(members.toByteArray()) {
            @Override
            public synchronized int available() {
                return 0;
            }
        };

        assertThat(job().run(settings("csv", false), "log.gz", pipe).requests()).isEqualTo(3);
    }

    @Test
    void aGzipThatIsCutIsCorruptAndGoesOnOnceItIsWhole() throws IOException {
        StringBuilder log = new StringBuilder(CSV);
        for (int i = 0; i < 200_000; i++) {
            log.append("2026-10-01T10:00:00Z,200,")
                    .append(i)
                    .append(",bob,/a")
                    .append(i * 7919L)
                    .append('\n');
        }
        byte[] whole = gzip(log.toString());
        byte[] cut = java.util.Arrays.copyOf(whole, whole.length * 4 / 5);

        assertThatThrownBy(() -> run("csv", cut, false))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(3))
                .hasMessageContaining("cannot be read behind byte");
        ImportResult rest = run("csv", whole, false);

        assertThat(rest.importedBefore()).isPositive();
        assertThat(landedBytesOut()).hasSize(200_000).doesNotHaveDuplicates();
    }

    @Test
    void aHeaderAloneSaysNothingOfWhichFileThisIs() {
        assertThat(run("csv", bytes(CSV), false).segments()).isZero();
        assertThat(run("csv", bytes(CSV + ROW), false).requests()).isEqualTo(1);
        assertThat(run("csv", bytes(CSV + ROW.replace("bob", "eve")), false).requests())
                .as("another file with the same header")
                .isEqualTo(1);
    }

    @Test
    void aLastLineWithoutNewlineWaitsUnlessItIsTaken() {
        String log = CSV + ROW + ROW.strip();

        assertThat(run("csv", bytes(log), false).requests()).isEqualTo(1);
        assertThat(run("csv", bytes(log), true).requests()).isEqualTo(1);
        ImportResult again = run("csv", bytes(log), true);
        assertThat(again.requests()).isZero();
        assertThat(run("csv", bytes(log), false).requests()).isZero();
    }

    @Test
    void aFileThatWasRewrittenIsRefused() {
        StringBuilder log = new StringBuilder(CSV);
        for (int i = 0; i < 1000; i++) {
            log.append(ROW.replace("/a", "/a" + i));
        }
        String was = log.toString();
        run("csv", bytes(was), false);
        String rewritten = was.substring(0, was.length() - 100) + "x".repeat(99) + "\n" + ROW;

        assertThatThrownBy(() -> run("csv", bytes(rewritten), false))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
                .hasMessageContaining("it was rewritten");
    }

    @Test
    void aLineThatIsTooLongIsARejectAndTheNextOneCounts() {
        String log = CSV + ROW.replace("/a", "/" + "a".repeat(SourceFile.MAX_LINE_BYTES)) + ROW;
        ImportResult result = run("csv", bytes(log), false);

        assertThat(result.requests()).isEqualTo(1);
        assertThat(result.rejects()).isEqualTo(1);
        assertThat(run("csv", bytes(log + ROW), false).requests()).isEqualTo(1);
    }

    @Test
    void noLineOfAStrangersChoosingStopsAnImport() {
        String time = "[01/Oct/2026:10:00:00 +0000]";
        StringBuilder log = new StringBuilder();
        log.append("192.0.2.1 - bob ")
                .append(time)
                .append(" \"GET /")
                .append("a".repeat(100_000))
                .append(" HTTP/1.1\" 414 5\n");
        log.append("192.0.2.1 - bob ")
                .append(time)
                .append(" \"")
                .append("\\x22".repeat(20_000))
                .append("\" 400 5\n");
        log.append("192.0.2.1 - bob ")
                .append(time)
                .append(" \"")
                .append("\\\"".repeat(20_000))
                .append("\" 400 5 \"-\"\n");
        log.append("192.0.2.1 - bob ").append(time).append(" \"\" 400 -\n");
        log.append("192.0.2.1 - jos\u00e9 ").append(time).append(" \"GET / HTTP/1.1\" 200 5\n");
        log.append("192.0.2.1 - sk_live_0123456789abcdef01 ").append(time).append(" \"GET / HTTP/1.1\" 200 5\n");
        log.append("192.0.2.1 - bob ").append(time).append(" \"GET / HTTP/1.1\" 200 5x\n");

        ImportResult result = run("combined", bytes(log.toString()), false);

        assertThat(result.requests()).isEqualTo(6);
        assertThat(result.rejects()).isEqualTo(1);
        assertThat(labels())
                .hasSize(3)
                .contains("bob")
                .allMatch(label -> label.equals("bob") || label.matches("user-[0-9a-f]{12}"));
    }

    @Test
    void aKeyThatLooksLikeAHashIsHashedAllTheSame() {
        String key = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        String log = "{\"ts\":1790848800.25,\"status\":200,\"api_key\":\"" + key + "\",\"duration\":-0.5}\n"
                + "{\"ts\":1790848800.25,\"status\":200,\"api_key\":\"" + key + "\",\"duration\":0.5}\n";
        ImportSettings settings = new ImportSettings("json", "api_key", "shop", Optional.empty(), true, false, false);

        ImportResult result = job().run(settings, "log.json", new ByteArrayInputStream(bytes(log)));

        assertThat(result.requests()).isEqualTo(1);
        assertThat(result.rejects()).as("a duration below zero").isEqualTo(1);
        assertThat(labels()).allMatch(label -> !label.contains("0123456789ab"));
        assertThat(hashes()).containsExactly(io.counterfoil.sql.account.KeyStore.hash(key));
    }

    @Test
    void aMappedKeyIsNeverTakenForAPublicName() throws IOException {
        Path map = folder.resolve("map.properties");
        java.nio.file.Files.writeString(map, "key = hdr\n");
        String log = "{\"ts\":1790848800,\"status\":200,\"hdr\":\"plain-looking\",\"user\":\"bob\"}\n";
        ImportSettings settings = new ImportSettings("json", "user", "shop", Optional.of(map), true, false, false);

        job().run(settings, "log.json", new ByteArrayInputStream(bytes(log)));

        assertThat(labels()).hasSize(1).first().asString().matches("hdr-[0-9a-f]{12}");
        assertThat(hashes()).containsExactly(io.counterfoil.sql.account.KeyStore.hash("plain-looking"));
    }

    /** The JDBC driver tells, at its finest level, every statement with the parameters that it binds. */
    @Test
    void noStatementCarriesTheTextOfAKey() {
        StringBuilder seen = new StringBuilder();
        java.util.logging.Logger driver = java.util.logging.Logger.getLogger("org.postgresql");
        java.util.logging.Handler all = new java.util.logging.Handler() {
            @Override
            public synchronized void publish(java.util.logging.LogRecord record) {
                seen.append(new java.util.logging.SimpleFormatter().format(record));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        all.setLevel(java.util.logging.Level.ALL);
        java.util.logging.Level before = driver.getLevel();
        driver.addHandler(all);
        driver.setLevel(java.util.logging.Level.ALL);
        try {
            String log = "{\"ts\":1790848800,\"status\":200,\"api_key\":\"looked-up-secret\"}\n";
            ImportSettings settings =
                    new ImportSettings("json", "api_key", "shop", Optional.empty(), true, false, false);
            job().run(settings, "log.json", new ByteArrayInputStream(bytes(log)));
        } finally {
            driver.removeHandler(all);
            driver.setLevel(before);
        }

        String hash = io.counterfoil.sql.account.KeyStore.hash("looked-up-secret");
        assertThat(seen.toString())
                .as("what the driver says it binds")
                .contains(hash)
                .doesNotContain("looked-up-secret");
    }

    @Test
    void aHeaderBehindAnEmptyLineIsFoundAgainWhenTheFileHasGrown() {
        run("csv", bytes("\n# made by hand\n" + CSV + ROW), false);

        assertThat(run("csv", bytes("\n# made by hand\n" + CSV + ROW + ROW + ROW), false)
                        .requests())
                .isEqualTo(2);
    }

    @Test
    void theSameNameInTwoLogsIsTwoCallers() {
        run("csv", bytes(CSV + ROW), false);
        ImportSettings other = new ImportSettings("csv", "user", "blog", Optional.empty(), true, false, false);
        job().run(other, "blog.csv", new ByteArrayInputStream(bytes(CSV + ROW)));

        assertThat(labels()).containsExactlyInAnyOrder("bob", "blog/bob");
        assertThat(job().run(other, "blog2.csv", new ByteArrayInputStream(bytes(CSV + ROW.replace("/a", "/b"))))
                        .createdKeys())
                .isZero();
    }

    @Test
    void aLogOfAnotherFormatIsRefusedBeforeAnythingIsTaken() {
        String log = "192.0.2.1 - bob [01/Oct/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 5\n";

        assertThatThrownBy(() -> run("json", bytes(log), false))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
                .hasMessageContaining(
                        "none of its first 1 lines is a request as --format json has it (line 1: not JSON");
        assertThat(run("combined", bytes(log), false).requests()).isEqualTo(1);
    }

    @Test
    void whatAKilledImportLeftWithoutASealIsMadeAnew() throws IOException {
        ImportResult first = run("csv", bytes(CSV + ROW), false);
        FolderLanding landing = new FolderLanding(folder);
        StreamId stream = landing.streams().get(0);
        java.nio.file.Files.delete(folder.resolve("segments/shop/" + stream.epoch() + "/0/0/1.seal.json"));

        ImportResult grown = run("csv", bytes(CSV + ROW), false);
        assertThat(first.requests()).isEqualTo(1);
        assertThat(grown.requests()).isEqualTo(1);
        assertThat(landedBytesOut()).containsExactly(5L);
    }

    private List<String> labels() {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("select label from api_key")
                        .mapTo(String.class)
                        .list());
    }

    private List<String> hashes() {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("select encode(sha256, 'hex') from api_key_secret")
                        .mapTo(String.class)
                        .list());
    }

    private ImportResult run(String format, byte[] log, boolean takeUnterminated) {
        return job().run(settings(format, takeUnterminated), "access.log", new ByteArrayInputStream(log));
    }

    private ImportJob job() {
        return new ImportJob(folder, database.jdbcUrl(), InstantSource.system(), lines -> {});
    }

    private static ImportSettings settings(String format, boolean takeUnterminated) {
        return new ImportSettings(format, "user", "shop", Optional.empty(), true, false, takeUnterminated);
    }

    private List<Long> landedBytesOut() throws IOException {
        FolderLanding landing = new FolderLanding(folder);
        List<Long> all = new ArrayList<>();
        try {
            for (StreamId stream : landing.streams()) {
                for (Seal seal : landing.sealsAfter(stream, 0, Integer.MAX_VALUE)) {
                    RecordCursor cursor = new SegmentReader(landing).read(seal).cursor();
                    while (cursor.next()) {
                        all.add(cursor.bytesOut());
                    }
                }
            }
        } catch (io.counterfoil.accesslog.segment.CorruptSegmentException
                | io.counterfoil.accesslog.record.CorruptRecordException e) {
            throw new AssertionError(e);
        }
        return all;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(bytes(text));
        }
        return bytes.toByteArray();
    }

    @Test
    void noNumberOfAStrangersChoosingStopsAnImport() throws IOException {
        Imports imports = Imports.of(folder, "json", "address");
        ImportResult result = imports.run("""
                {"ts":1790848800,"status":200}
                {"ts":1790848800,"status":200,"x":1e2147483647}
                {"ts":1790848800,"status":200,"x":1e-2147483647}
                {"ts":1790848800,"status":200,"bytes":1e2147483647}
                {"ts":1790848800,"status":200,"x":1e99999999999}
                {"ts":9999999999999999999,"status":200}
                {"ts":"+999999999-01-01T00:00:00Z","status":200}
                {"ts":1790848801,"status":200}
                """);

        assertThat(result.requests()).isEqualTo(4);
        assertThat(imports.reasons())
                .containsExactly(
                        "the bytes are not a whole number",
                        "not JSON, or a field stands twice",
                        "the time is beyond the year 2262",
                        "the time is not one with an offset");
    }

    @Test
    void aMappedKeyIsAFieldWhateverItsName() throws IOException {
        Path map = folder.resolve("map.properties");
        java.nio.file.Files.writeString(map, "key = user\n");
        String log = "{\"ts\":1790848800,\"status\":200,\"user\":\"plain-looking\",\"remote_user\":\"bob\"}\n";
        Imports imports = Imports.of(folder.resolve("user"), "json", "user", Optional.of(map));
        imports.run(log);
        java.nio.file.Files.writeString(map, "key = address\n");
        Imports address = Imports.of(folder.resolve("address"), "json", "user", Optional.of(map));
        address.run(log.replace("\"user\"", "\"address\""));

        assertThat(imports.records("key")).containsExactly(Imports.label("user", "plain-looking"));
        assertThat(address.records("key")).containsExactly(Imports.label("address", "plain-looking"));
    }

    @Test
    void aMapThatNamesNoUserGivesAFormatNone() throws IOException {
        Path map = folder.resolve("map.properties");
        java.nio.file.Files.writeString(map, "bytes = EdgeResponseBytes\n");
        assertThatThrownBy(() -> Imports.of(folder, "cloudflare", "user", Optional.of(map)))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("cloudflare has no user");

        java.nio.file.Files.writeString(map, "user = ClientUser\n");
        assertThat(Imports.of(folder, "cloudflare", "user", Optional.of(map))
                        .settings()
                        .keyFrom())
                .isEqualTo("user");
    }
}
