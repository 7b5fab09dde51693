package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;

import static org.assertj.core.api.Assertions.assertThat;

/** A plans file, as people apply it. */
final class PlanApplyCommandTest {
    @TempDir
    Path folder;

    private InProcess cli;

    @BeforeEach
    void commands() {
        cli = InProcess.on(folder.resolve("home"), TestDatabase.fresh().jdbcUrl());
    }

    private String done(String... command) {
        InProcess.Result result = cli.run(command);
        assertThat(result.exit()).as(result.err()).isZero();
        return result.out();
    }

    private String plans(String fee) throws Exception {
        Path file = folder.resolve("plans.yaml");
        Files.writeString(file, """
                plans:
                  team:
                    versions:
                      - version: 1
                        currency: EUR
                        limits:
                          - limit: 20000/hour
                        charges:
                          - {name: base fee, model: flat, price: %s}
                """.formatted(fee));
        return file.toString();
    }

    @Test
    void theExampleIsAppliedListedAndLeftAsItIs() {
        String example = Path.of("plans.yaml").toAbsolutePath().toString();

        assertThat(done("plan", "apply", example, "--dry-run").lines())
                .containsExactly(
                        "plan free v1: new plan",
                        "plan team v1: new plan",
                        "plan team v2: new version",
                        "3 versions to apply; nothing was, this is a dry run");
        assertThat(done("plan", "list", "--format", "csv").lines()).hasSize(1);
        assertThat(done("plan", "apply", example).lines()).endsWith("3 versions applied");
        assertThat(done("plan", "list", "--format", "csv").lines())
                .containsExactly(
                        "plan,version,currency,per,time_window,measure,quota,over,keys",
                        "free,1,EUR,key,hour,requests,100,refuse,0",
                        "team,1,EUR,account,period,bytes_out,536870912000,warn,0",
                        "team,1,EUR,key,hour,requests,20000,refuse,0",
                        "team,2,EUR,key,hour,requests,50000,refuse,0");
        assertThat(done("plan", "apply", example).lines()).endsWith("nothing to change");
    }

    @Test
    void whatDiffersIsToldAndAVersionInUseIsRefused() throws Exception {
        done("plan", "apply", plans("29"));
        assertThat(done("plan", "apply", plans("30")).lines())
                .containsExactly(
                        "plan team v1: changed, no subscription names it yet",
                        "  charge 'base fee' price: 29 -> 30",
                        "1 version applied");
        done("account", "create", "Acme");
        done("subscription", "create", "--account", "Acme", "--plan", "team");

        cli.run("plan", "apply", plans("31"))
                .refused(
                        "plan 'team' version 1 is in use and never changes; it differs in charge 'base fee' price: 30 -> 31."
                                + " Leave it as it is, and write the change as version 2");
        cli.run("plan", "apply", plans("31"), "--dry-run").refused("is in use and never changes");
        cli.run("plan", "limits", "team", "--limit", "1/hour").refused("plan 'team' comes from a plans file");
        cli.run("plan", "apply", plans("much")).refused("plans.yaml:9: ");
    }

    @Test
    void programsReadWhatWasDone() throws Exception {
        done("plan", "create", "old", "--limit", "1/hour");
        done("plan", "apply", plans("29"));
        JsonNode json = new ObjectMapper().readTree(done("plan", "apply", plans("30"), "--json"));

        assertThat(json.get("applied").asBoolean()).isTrue();
        assertThat(json.get("versions").toString())
                .isEqualTo("[{\"plan\":\"team\",\"version\":1,\"change\":\"changed\",\"keys\":0,\"fields\":["
                        + "{\"field\":\"charge 'base fee' price\",\"before\":\"29\",\"after\":\"30\"}]},"
                        + "{\"plan\":\"old\",\"version\":1,\"change\":\"kept\",\"keys\":0,\"fields\":[]}]");
        assertThat(new ObjectMapper()
                        .readTree(done("plan", "apply", plans("31"), "--json", "--dry-run"))
                        .get("applied")
                        .asBoolean())
                .isFalse();
    }
}
