package io.counterfoil.jobs.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.export.UsageExportStore;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TimeZone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Usage as files; in a JVM whose zone is Auckland, far from the server's. */
final class UsageExportJobTest {
    private static final UsageRange ALL =
            new UsageRange(Instant.parse("2026-10-30T00:00:00Z"), Instant.parse("2026-11-03T00:00:00Z"));
    private static final String LAST_HOUR = "2026-11-02T23:00:00Z";

    @TempDir
    Path folder;

    private final TimeZone zone = TimeZone.getDefault();
    private final TestDatabase database = TestDatabase.fresh();
    private final List<String> told = new ArrayList<>();

    @BeforeEach
    void inAuckland() {
        TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Auckland"));
        database.jdbi().useHandle(handle -> {
            handle.execute("select create_usage_partition('2026-10-01 00:00:00+00')");
            handle.execute("select create_usage_partition('2026-11-01 00:00:00+00')");
        });
    }

    @AfterEach
    void backHome() {
        TimeZone.setDefault(zone);
    }

    private void account(String name, String externalId, String label) {
        database.jdbi().useHandle(handle -> {
            handle.execute(
                    "insert into account (name, external_id, created_at) values (?, ?, now())", name, externalId);
            handle.execute(
                    "insert into api_key (account_id, label, label_sha256, created_at, version)"
                            + " select max(account_id), ?, sha256(convert_to(?, 'UTF8')), now(), 1 from account",
                    label,
                    label);
        });
    }

    private void usage(String hour, long key, String route, long... sums) {
        database.jdbi()
                .useHandle(handle -> handle.execute(
                        "insert into usage_hourly values (cast(? as timestamptz), ?, ?, 'success', ?, ?, ?, ?, ?)",
                        hour,
                        key,
                        route,
                        sums[0],
                        sums[1],
                        sums[2],
                        sums[3],
                        sums[4]));
    }

    /** Two months' hours, keys known and not, several routes and outcomes. */
    private void manyRows() {
        account("Acme", "cus_1", "acme-1");
        account("Beta, \"the\" second", null, "beta-1");
        account("Gamma\nof two lines", "", "gamma 1");
        database.jdbi()
                .useHandle(handle -> handle.execute("insert into usage_hourly"
                        + " select '2026-10-30 00:00:00+00'::timestamptz + h * interval '1 hour', k, r, o, 1 + h, 2 + k, 3 * h,"
                        + " h * k * 1000003, 7 from generate_series(0, 95) h, generate_series(0, 5) k,"
                        + " unnest(array['items', 'items.list', '-']) r, unnest(array['success', 'refused']) o"
                        + " where (h + k) % 3 > 0"));
    }

    private UsageExportJob job() {
        return new UsageExportJob(new UsageExportStore(database.jdbi()), "1.2.3", 8000);
    }

    private Manifest write(ExportFormat format, Path file) {
        return job().write(ALL, format, file, told::add);
    }

    private static List<List<String>> read(ExportFormat format, Path file) throws Exception {
        return switch (format) {
            case CSV -> ExportedUsage.csv(file);
            case JSONL -> ExportedUsage.jsonLines(file);
            case PARQUET -> ExportedUsage.parquet(file);
        };
    }

    @ParameterizedTest
    @EnumSource
    void whatIsReadBackIsWhatWasCountedAndTheSameBytesComeTwice(ExportFormat format) throws Exception {
        manyRows();
        Path file = folder.resolve("usage");
        Manifest manifest = write(format, file);

        List<List<String>> counted = ExportedUsage.counted(database);
        assertThat(read(format, file)).hasSizeGreaterThan(1000).isEqualTo(counted);
        assertThat(manifest.rows()).isEqualTo(counted.size());
        byte[] bytes = Files.readAllBytes(file);
        JsonNode json = new ObjectMapper().readTree(Files.readAllBytes(Manifest.beside(file)));
        assertThat(json.get("rows").longValue()).isEqualTo(counted.size());
        assertThat(json.get("bytes").longValue()).isEqualTo(bytes.length);
        assertThat(json.get("sha256").textValue()).isEqualTo(Digests.sha256(bytes));
        List<String> names = List.of("requests", "units", "bytes_in", "bytes_out", "duration_us");
        for (int i = 0; i < names.size(); i++) {
            int column = 6 + i;
            BigInteger sum = counted.stream()
                    .map(row -> new BigInteger(row.get(column)))
                    .reduce(BigInteger.ZERO, BigInteger::add);
            assertThat(json.get("totals").get(names.get(i)).bigIntegerValue()).isEqualTo(sum);
        }

        Path again = folder.resolve("again");
        write(format, again);
        assertThat(again).hasBinaryContent(bytes);
        assertThat(Manifest.beside(again)).hasSameBinaryContentAs(Manifest.beside(file));
        assertThat(folder.toFile().list())
                .containsExactlyInAnyOrder(
                        "usage", "usage.manifest.json", "usage.lock", "again", "again.manifest.json", "again.lock");
    }

    @Test
    void theManifestIsReadByPeopleToo() throws Exception {
        account("Acme", "cus_1", "acme-1");
        usage("2026-11-01T05:00:00Z", 1, "items", 1, 2, 3, 4, 5);
        Path file = folder.resolve("usage.csv");
        write(ExportFormat.CSV, file);
        assertThat(file).hasContent("""
                        hour,account,account_external_id,key,route,outcome,requests,units,bytes_in,bytes_out,duration_us
                        2026-11-01T05:00:00Z,Acme,cus_1,acme-1,items,success,1,2,3,4,5
                        """);
        assertThat(Files.readString(Manifest.beside(file)))
                .isEqualTo("""
                        {
                          "what" : "usage",
                          "format" : "csv",
                          "parameters" : {
                            "from" : "2026-10-30T00:00:00Z",
                            "to" : "2026-11-03T00:00:00Z"
                          },
                          "rows" : 1,
                          "totals" : {
                            "requests" : 1,
                            "units" : 2,
                            "bytes_in" : 3,
                            "bytes_out" : 4,
                            "duration_us" : 5
                          },
                          "bytes" : 160,
                          "sha256" : "%s",
                          "counterfoil" : "1.2.3"
                        }
                        """.formatted(Digests.sha256(Files.readAllBytes(file))));
    }

    @ParameterizedTest
    @EnumSource(names = {"CSV", "JSONL"})
    void aStreamHasTheFilesBytes(ExportFormat format) throws Exception {
        manyRows();
        write(format, folder.resolve("usage"));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        job().stream(ALL, format, out);
        assertThat(folder.resolve("usage")).hasBinaryContent(out.toByteArray());
        assertThatThrownBy(() -> job().stream(ALL, ExportFormat.PARQUET, out))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("expected --out FILE");
    }

    @ParameterizedTest
    @EnumSource
    void noUsageIsAFileToo(ExportFormat format) throws Exception {
        Path file = folder.resolve("usage");
        Manifest manifest = write(format, file);
        assertThat(manifest.rows()).isZero();
        assertThat(read(format, file)).isEmpty();
        JsonNode json = new ObjectMapper().readTree(Files.readAllBytes(Manifest.beside(file)));
        assertThat(json.get("rows").longValue()).isZero();
        assertThat(json.get("totals").get("bytes_out").longValue()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void countsAboveWhatADoubleHoldsAreExactAndSumsAboveALongToo(ExportFormat format) throws Exception {
        account("Acme", "cus_1", "acme-1");
        long odd = (1L << 53) + 1;
        usage("2026-11-01T05:00:00Z", 1, "a", 1, 1, odd, Long.MAX_VALUE, 0);
        usage("2026-11-01T05:00:00Z", 1, "b", 1, 1, odd, Long.MAX_VALUE, 0);
        usage("2026-11-01T06:00:00Z", 1, "b", 1, 1, odd, Long.MAX_VALUE - 1, 0);
        Path file = folder.resolve("usage");
        write(format, file);
        assertThat(read(format, file))
                .isEqualTo(ExportedUsage.counted(database))
                .extracting(row -> row.get(8), row -> row.get(9))
                .contains(org.assertj.core.groups.Tuple.tuple("9007199254740993", "9223372036854775807"));
        JsonNode totals = new ObjectMapper()
                .readTree(Files.readAllBytes(Manifest.beside(file)))
                .get("totals");
        assertThat(totals.get("bytes_in").bigIntegerValue()).isEqualTo("27021597764222979");
        assertThat(totals.get("bytes_out").bigIntegerValue())
                .isEqualTo(BigInteger.valueOf(Long.MAX_VALUE)
                        .multiply(BigInteger.valueOf(3))
                        .subtract(BigInteger.ONE));
    }

    @Test
    void noCellIsAFormulaInAnySpreadsheetAndOtherFormatsKeepTheTexts() throws Exception {
        List<String> corpus = FormulaCorpus.TEXTS;
        long key = 0;
        for (String text : corpus) {
            key++;
            // An account's name begins with no blank, a label is printable ASCII.
            boolean label = text.matches("[!-~]([ -~]{0,126}[!-~])?");
            account(text.matches("(?sU)\\S(.*\\S)?") ? text : "account " + key, text, label ? text : "label-" + key);
            usage("2026-11-01T05:00:00Z", key, "-items", 1, 1, 1, 1, 1);
        }
        Path csv = folder.resolve("usage.csv");
        write(ExportFormat.CSV, csv);
        List<List<String>> rows = ExportedUsage.csv(csv);
        assertThat(rows).hasSameSizeAs(corpus);
        for (List<String> row : rows) {
            assertThat(row.subList(1, 5)).allMatch(FormulaCorpus::harmless);
            assertThat(row.get(4)).isEqualTo("'-items");
            assertThat(row.subList(6, 11)).containsOnly("1");
        }
        assertThat(rows).extracting(row -> row.get(2)).contains("'=1+1", "-", "plain-name", "a,'=1+1");
        for (ExportFormat format : List.of(ExportFormat.JSONL, ExportFormat.PARQUET)) {
            Path file = folder.resolve("usage." + format.text());
            write(format, file);
            assertThat(read(format, file)).isEqualTo(ExportedUsage.counted(database));
        }
    }

    @Test
    void javaAndPostgresMakeTheSameTextsSafe() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String letters = "=+-@\t\r\n\"',;| ab\uFF1D\uFF0B\u00A0\u3000\u000B\u2003\uFEFF\u0085\u200B\u001F";
        database.jdbi().useHandle(handle -> {
            for (int i = 0; i < 2000; i++) {
                StringBuilder text = new StringBuilder();
                for (int n = random.nextInt(7); n > 0; n--) {
                    text.append(letters.charAt(random.nextInt(letters.length())));
                }
                String safe = handle.createQuery("select regexp_replace(:text, :formula, '''\\&', 'g')")
                        .bind("text", text.toString())
                        .bind("formula", SpreadsheetText.FORMULA)
                        .mapTo(String.class)
                        .one();
                assertThat(SpreadsheetText.safe(text.toString()))
                        .as("seed " + seed + ": " + text)
                        .isEqualTo(safe);
                assertThat(safe).as("seed " + seed + ": " + text).matches(FormulaCorpus::harmless);
            }
        });
    }

    /** What a run leaves that dies before its last step. */
    private void leaveUnfinished(ExportFormat format, Path file) throws Exception {
        Files.deleteIfExists(file);
        Files.createDirectories(file.resolve("in-the-way"));
        assertThatThrownBy(() -> write(format, file))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("it goes on where it stopped");
        Files.delete(file.resolve("in-the-way"));
        Files.delete(file);
        Files.deleteIfExists(folder.resolve(file.getFileName() + ".new"));
        told.clear();
    }

    @ParameterizedTest
    @EnumSource
    void aRunThatDiedGoesOnAndEndsWithTheBytesOfOneThatDidNot(ExportFormat format) throws Exception {
        manyRows();
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Path file = folder.resolve("usage");
        Path part = folder.resolve("usage.part");
        Path log = folder.resolve("usage.part.log");
        Path undisturbed = folder.resolve("undisturbed");
        int wentOn = 0;
        for (int i = 0; i < 8; i++) {
            leaveUnfinished(format, file);
            cut(log, random.nextLong(Files.size(log) + 1));
            switch (random.nextInt(6)) {
                // What was written behind the last checkpoint, and reached the disk in part.
                case 0 -> Files.write(part, new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
                case 1 -> cut(part, random.nextLong(Files.size(part) + 1));
                case 2 -> flip(part, random.nextLong(Files.size(part)));
                // A late merge into any hour, and a new name.
                case 3 ->
                    database.jdbi()
                            .useHandle(handle -> handle.execute(
                                    "update usage_hourly set requests = requests + 1 where hour = '2026-10-30 00:00:00+00'::timestamptz"
                                            + " + ? * interval '1 hour' and key_id = 1 and route = 'items'",
                                    random.nextInt(96)));
                case 4 ->
                    database.jdbi()
                            .useHandle(handle -> handle.execute(
                                    "update account set name = 'Acme ' || ? where account_id = 1", random.nextInt()));
                default -> {
                    // Nothing else.
                }
            }
            write(format, file);
            wentOn += told.stream().anyMatch(line -> line.startsWith("going on at ")) ? 1 : 0;
            write(format, undisturbed);
            assertThat(file).as("seed " + seed + ", round " + i).hasSameBinaryContentAs(undisturbed);
            assertThat(Manifest.beside(file))
                    .as("seed " + seed + ", round " + i)
                    .hasSameBinaryContentAs(Manifest.beside(undisturbed));
            assertThat(read(format, file).size())
                    .isEqualTo(ExportedUsage.counted(database).size());
        }
        assertThat(wentOn).as("seed " + seed).isPositive();
        assertThat(folder.toFile().list()).hasSize(6);
    }

    @Test
    void whatIsUnchangedIsNotReadAgain() throws Exception {
        manyRows();
        Path file = folder.resolve("usage");
        leaveUnfinished(ExportFormat.CSV, file);
        List<String> lines = Files.readAllLines(folder.resolve("usage.part.log"));
        assertThat(lines).hasSizeGreaterThan(10);
        Files.write(folder.resolve("usage.part.log"), lines.subList(0, 6));
        Checkpoint last = Checkpoint.parse(lines.get(5));
        write(ExportFormat.CSV, file);
        assertThat(told).singleElement().asString().startsWith("going on at " + last.to() + ": ");

        // A late merge into the third checkpoint's hours: the two before it still hold.
        leaveUnfinished(ExportFormat.CSV, file);
        usage(Checkpoint.parse(lines.get(2)).to().toString(), 99, "late", 1, 1, 1, 1, 1);
        write(ExportFormat.CSV, file);
        assertThat(told)
                .singleElement()
                .asString()
                .startsWith("going on at " + Checkpoint.parse(lines.get(2)).to() + ": ");
        assertThat(read(ExportFormat.CSV, file))
                .hasSize(ExportedUsage.counted(database).size());

        // Of other hours, nothing is kept.
        leaveUnfinished(ExportFormat.CSV, file);
        job().write(new UsageRange(ALL.from(), Instant.parse(LAST_HOUR)), ExportFormat.CSV, file, told::add);
        assertThat(told).isEmpty();
    }

    @Test
    void twoProcessesDoNotWriteTheSameFile() throws Exception {
        Path file = folder.resolve("usage");
        try (ExportLock other = ExportLock.of(file)) {
            assertThat(other).isNotNull();
            assertThatThrownBy(() -> write(ExportFormat.CSV, file))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("another export writes " + file);
        }
        write(ExportFormat.CSV, file);
        assertThatThrownBy(() -> write(ExportFormat.CSV, folder.resolve("no/such/folder")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("--out " + folder.resolve("no/such/folder") + " cannot be written");
    }

    @Test
    void whoMayReadReportsMayExport() throws Exception {
        manyRows();
        String login = "export_report_" + System.nanoTime();
        database.jdbi()
                .useHandle(handle -> handle.execute("create role " + login + " login in role counterfoil_report"));
        UsageExportStore store =
                new UsageExportStore(DatabaseAccess.jdbi(DatabaseAccess.dataSource(database.jdbcUrlOf(login))));
        Path file = folder.resolve("usage");
        new UsageExportJob(store, "1.2.3", 8000).write(ALL, ExportFormat.CSV, file, told::add);
        assertThat(read(ExportFormat.CSV, file)).isEqualTo(ExportedUsage.counted(database));
    }

    private static void cut(Path file, long bytes) throws Exception {
        try (var channel = java.nio.channels.FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(bytes);
        }
    }

    private static void flip(Path file, long at) throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        bytes[(int) at] ^= 1;
        Files.write(file, bytes);
    }
}
