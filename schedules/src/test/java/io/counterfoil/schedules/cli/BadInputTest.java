package io.counterfoil.schedules.cli;

import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

/** What people mistype is answered in one line that says what was expected, and by the right exit code. */
final class BadInputTest {
    @TempDir
    Path folder;

    private InProcess cli;

    @BeforeEach
    void onAFreshDatabase() {
        cli = InProcess.on(folder.resolve("home"), TestDatabase.fresh().jdbcUrl());
    }

    @Test
    void badInputIsOneClearLineAndItsExitCode() throws Exception {
        InProcess bare = new InProcess(List.of("--home=" + folder.resolve("home")));
        Path wrong = folder.resolve("wrong.csv");
        Files.writeString(wrong, "account,label\nAcme,x\n");

        cli.run("report", "usage-hourly", "--fromat", "csv").refused(2, "Unknown option");
        cli.run("import", "--format", "combined", "--key-from", "user", "--source", "s", "missing.log")
                .refused(2, "missing.log does not exist");
        cli.run("import", "--format", "w3c", "--key-from", "user", "--source", "s", wrong.toString())
                .refused(2, "--format is 'w3c', expected one of combined, json, csv, cloudfront, cloudflare, alb, iis");
        cli.run("plan", "create", "p", "--limit", "many").refused(2, "limit is 'many', expected NUMBER/hour");
        bare.run("--database", "jdbc:postgresql://127.0.0.1:1/none", "job", "rollup")
                .refused(4, "database cannot be reached");
        bare.run("--database", "mysql://x", "job", "rollup")
                .refused(2, "database URL is 'mysql:…', expected jdbc:postgresql:");
        cli.run("key", "create", "--account", "Nobody", "--plan", "none").refused(2, "account 'Nobody' does not exist");
        cli.run("key", "import", wrong.toString()).refused(2, "expected account,label,plan and either key or sha256");
        cli.run("init", wrong.resolve("edge").toString())
                .refused(2, "wrong.csv/edge: Not a directory; expected a folder that you may write to");
        new InProcess(List.of("--home=" + wrong.resolve("home")))
                .run("up")
                .refused(2, "expected a folder that you may write to");
        bare.run("demo", "--log", "missing.log").refused(2, "missing.log does not exist");
        cli.run("report", "usage-hourly", "--from", "yesterday").refused(2, "--from is 'yesterday', expected a time");
    }

    @Test
    void aKeyFileWithoutItsHeaderIsRefusedAndNotQuoted() throws Exception {
        Path keys = folder.resolve("keys.csv");
        for (String line : List.of("acme,l1,pro,sk_live_SECRET0001", "acme,,pro,sk_live_SECRET0001")) {
            Files.writeString(keys, line + "\n");
            InProcess.Result result = cli.run("key", "import", keys.toString());

            assertThat(result.exit()).as(result.err()).isEqualTo(2);
            assertThat(result.err() + result.out()).contains("error: key file").doesNotContain("SECRET", "\tat ");
        }
    }
}
