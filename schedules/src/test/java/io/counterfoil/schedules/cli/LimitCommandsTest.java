package io.counterfoil.schedules.cli;

import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

import static org.assertj.core.api.Assertions.assertThat;

/** Plans with several limits, moves and overrides, as people type them. */
final class LimitCommandsTest {
    @TempDir
    Path folder;

    private InProcess cli;

    @BeforeEach
    void aKeyOnAPlan() throws Exception {
        cli = InProcess.on(folder.resolve("home"), TestDatabase.fresh().jdbcUrl());
        done("account", "create", "Acme");
        assertThat(done(
                        "plan",
                        "create",
                        "pro",
                        "--limit",
                        "1000/hour",
                        "--limit",
                        "50GiB/period",
                        "--over",
                        "warn",
                        "--per",
                        "account"))
                .isEqualTo("plan pro created: 1000/hour per key, then refuse; 50GiB/period per account, then warn\n");
        done("plan", "create", "free", "--limit", "10/hour");
        done("key", "create", "--account", "Acme", "--plan", "free", "--label", "acme-1");
    }

    private String done(String... command) throws Exception {
        InProcess.Result result = cli.run(command);
        assertThat(result.exit()).as(result.err()).isZero();
        return result.out();
    }

    @Test
    void plansAreListedAndTheirLimitsReplaced() throws Exception {
        assertThat(done("plan", "list", "--format", "csv").lines())
                .containsExactly(
                        "plan,version,currency,per,time_window,measure,quota,over,keys",
                        "free,1,-,key,hour,requests,10,refuse,1",
                        "pro,1,-,account,period,bytes_out,53687091200,warn,0",
                        "pro,1,-,key,hour,requests,1000,refuse,0");
        assertThat(done("plan", "limits", "free", "--limit", "500units/day", "--over", "notify"))
                .isEqualTo("plan free has now: 500units/day per key, then notify\n");
        assertThat(done("plan", "list", "--format", "csv")).contains("free,1,-,key,day,units,500,notify,1");
        cli.run("plan", "create", "twice", "--limit", "1/hour", "--limit", "2/hour")
                .refused("limit is '2/hour', then refuse, per key: there is one already");
        cli.run("plan", "limits", "none", "--limit", "1/hour").refused("plan 'none' does not exist");
        cli.run("plan", "create", "odd", "--limit", "1/hour", "--per", "planet")
                .refused("a limit is per 'planet', expected key or account");
    }

    @Test
    void aKeyIsMoved() throws Exception {
        assertThat(done("key", "move", "acme-1", "--plan", "pro")).isEqualTo("key acme-1 is on plan pro\n");
        assertThat(done("key", "move", "acme-1", "--plan", "pro"))
                .isEqualTo("key acme-1 was on that plan already: pro\n");
        assertThat(done("key", "list", "--format", "csv")).contains("acme-1,Acme,pro");
        cli.run("key", "move", "nobody", "--plan", "pro").refused("no key has that label");
        assertThat(done("report", "limits", "--account", "Acme", "--format", "csv")
                        .lines())
                .hasSize(1);
    }

    @Test
    void overridesAreMadeListedAndEnded() throws Exception {
        assertThat(done(
                        "override",
                        "create",
                        "--key",
                        "acme-1",
                        "--limit",
                        "5000/hour",
                        "--until",
                        "2999-01-01",
                        "--reason",
                        "launch day",
                        "--actor",
                        "ops"))
                .isEqualTo("override 1: 5000/hour for key acme-1 until 2999-01-01T00:00:00Z\n");
        done(
                "override",
                "create",
                "--account",
                "Acme",
                "--limit",
                "1TiB/period",
                "--over",
                "warn",
                "--reason",
                "migration");
        assertThat(done("override", "list", "--format", "csv").lines())
                .element(1)
                .asString()
                .startsWith("1,key acme-1,hour,requests,any,5000,in force,2999-01-01T00:00:00Z,ops,launch day,");
        assertThat(done("override", "end", "1", "--reason", "it is over", "--actor", "ops"))
                .isEqualTo("override 1 is ended\n");
        assertThat(done("override", "list", "--format", "csv"))
                .contains("5000,ended,")
                .contains("ops: it is over");
        cli.run("override", "end", "1", "--reason", "again")
                .refused("override is 1, expected the number of one in force");
        cli.run(
                        "override",
                        "create",
                        "--key",
                        "acme-1",
                        "--limit",
                        "1/hour",
                        "--until",
                        "2020-01-01",
                        "--reason",
                        "late")
                .refused("an override's end is 2020-01-01T00:00:00Z, expected a time ahead");
        cli.run(
                        "override",
                        "create",
                        "--key",
                        "acme-1",
                        "--limit",
                        "1/hour",
                        "--until",
                        "3500-01-01",
                        "--reason",
                        "far")
                .refused("an override's end is 3500-01-01T00:00:00Z, expected a time ahead, before 3000");
        cli.run("override", "create", "--key", "a-key-of-somebody", "--limit", "1/hour", "--reason", "whose")
                .refused("no key has that label (17 characters)");
        cli.run("override", "create", "--limit", "1/hour", "--reason", "whose").refused("Missing required");
        cli.run("override", "create", "--key", "acme-1", "--limit", "1/hour", "--reason", " ")
                .refused("reason is empty");
    }
}
