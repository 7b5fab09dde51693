package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.schedules.cli.InProcess.Result;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

/** The commands in this process, on a real database; what a rollup makes of them is tested in jobs. */
final class HoursCommandTest {
    private final TestDatabase database = TestDatabase.fresh();
    private final Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS).minus(3, ChronoUnit.HOURS);

    @TempDir
    Path folder;

    @Test
    void anHourSaysWhatItWaitsForAndTheCommandMendsIt() throws Exception {
        assertThat(run("hours").out()).as("nothing is known").endsWith("\n0 rows\n");
        Result registered = run("edge", "register", "edge-1", "--since", hour.toString(), "--actor", "erin");
        assertThat(registered.out()).isEqualTo("hours from " + hour + " on wait for edge edge-1\n");

        List<JsonNode> rows = json(run("hours", "--incomplete", "--format", "json"));
        assertThat(rows).hasSizeBetween(3, 4);
        assertThat(rows.get(0).toString())
                .isEqualTo("{\"hour\":\"" + hour
                        + "\",\"status\":\"incomplete\",\"grade\":\"exact\",\"edge\":\"edge-1\",\"epoch\":\"-\","
                        + "\"stream\":\"-\",\"missing\":\"no epoch of it has come\",\"since\":\"" + hour + "\","
                        + "\"mend\":\"start edge-1; if it does not come: counterfoil edge retire edge-1\"}");
        assertThat(json(run(
                        "hours",
                        "--format",
                        "json",
                        "--from",
                        hour.plus(1, ChronoUnit.HOURS).toString(),
                        "--to",
                        hour.plus(2, ChronoUnit.HOURS).toString())))
                .hasSize(1);

        assertThat(run("edge", "retire", "edge-1").out()).startsWith("edge edge-1 is retired at ");
        assertThat(run("hours", "--incomplete", "--format", "csv").out())
                .isEqualTo("hour,status,grade,edge,epoch,stream,missing,since,mend\n");
        assertThat(json(run("hours", "--format", "json")).get(0).get("status").asText())
                .isEqualTo("complete");
        assertThat(decisions())
                .containsExactly(
                        "erin register edge-1 registered by hand",
                        System.getProperty("user.name") + " retire edge-1 stopped for good");
    }

    @Test
    void aSourceIsClosedByItsName() {
        database.jdbi()
                .useHandle(handle -> handle.execute(
                        "insert into source (source, since) values ('blog', ?::timestamptz)", hour.toString()));
        assertThat(run("hours", "--incomplete").out())
                .contains("the source is not closed through this hour", "counterfoil source close blog");

        Result closed = run("source", "close", "blog", "--reason", "the server is gone");

        assertThat(closed.out()).isEqualTo("source blog is closed: nothing more is coming\n");
        assertThat(run("hours", "--incomplete").out()).doesNotContain("blog");
        assertThat(decisions())
                .containsExactly(System.getProperty("user.name") + " close source blog the server is gone");
    }

    @Test
    void whatIsWrongIsToldWithTheNextStep() {
        run("edge", "register", "Edge 1").refused("edge name is 'Edge 1', expected 1 to 64 of a-z 0-9 . _ -");
        run("edge", "retire", "edge-1").refused("edge edge-1 is not on the roster now");
        run("edge", "declare-lost", "edge-1").refused("Missing required option: '--reason=TEXT'");
        run("edge", "declare-lost", "edge-1", "--reason", " ").refused("reason is empty, expected why");
        run("edge", "declare-lost", "edge-1", "--reason", "x").refused("nothing is known to be missing of edge edge-1");
        run("source", "close", "blog").refused("source 'blog' is not known");
        run("source", "close", "blog", "--through", "soon").refused("--through is 'soon', expected a time");
        run("hours", "--format", "xml").refused("--format is 'xml'");
        run("edge", "register", "edge-1");
        run("edge", "register", "edge-1").refused("edge edge-1 is on the roster from ");
        run("edge", "retire", "edge-1", "--at", "2016-01-01").refused("expected a later time");
    }

    private List<String> decisions() {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery(
                                "select actor || ' ' || decision || ' ' || name || ' ' || reason from"
                                        + " completeness_decision order by decision_id")
                        .mapTo(String.class)
                        .list());
    }

    private static List<JsonNode> json(Result result) throws Exception {
        List<JsonNode> rows = new ArrayList<>();
        for (String line : result.out().lines().toList()) {
            rows.add(new ObjectMapper().readTree(line));
        }
        return rows;
    }

    private Result run(String... arguments) {
        return InProcess.on(folder, database.jdbcUrl()).run(arguments);
    }
}
