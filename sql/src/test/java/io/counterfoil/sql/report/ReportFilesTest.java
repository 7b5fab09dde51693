package io.counterfoil.sql.report;

import io.counterfoil.sql.OperatorException;
import org.junit.jupiter.api.Test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What the reports' files say of themselves. */
final class ReportFilesTest {
    private static final Pattern VARIABLE = Pattern.compile(":'([a-z_]+)'");

    @Test
    void theIndexNamesTheFolderSFiles() throws Exception {
        Path folder = Path.of("src/main/resources/io/counterfoil/sql/report");
        try (Stream<Path> files = Files.list(folder)) {
            List<String> names = files.map(file -> file.getFileName().toString())
                    .filter(file -> !file.equals("index.txt"))
                    .map(file -> file.replaceFirst("\\.sql$", ""))
                    .sorted()
                    .toList();
            assertThat(Report.names()).isEqualTo(names);
        }
    }

    @Test
    void eachSaysWhatItIsForItsGrainItsParametersAndACall() {
        for (String name : Report.names()) {
            Report report = Report.named(name);
            List<String> parameters =
                    report.parameters().stream().map(Report.Parameter::name).toList();
            String head = String.join(
                    " ",
                    report.text()
                            .lines()
                            .takeWhile(line -> line.startsWith("--"))
                            .map(line -> line.substring(3))
                            .toList());

            assertThat(report.purpose())
                    .as(name)
                    .endsWith(".")
                    .doesNotContain("Grain")
                    .hasSizeBetween(20, 160);
            assertThat(head).as(name).contains("Grain: ", "Call: psql ").endsWith("-f " + name + ".sql");
            if (!parameters.isEmpty()) {
                assertThat(head).as(name).contains("Parameters: ");
                String told = head.substring(head.indexOf("Parameters: "), head.indexOf("Call: "));
                assertThat(told).as(name).contains(parameters);
            }
            assertThat(VARIABLE.matcher(report.text())
                            .results()
                            .map(found -> found.group(1))
                            .distinct())
                    .as(name + " gives each variable a default, and uses it")
                    .containsExactlyInAnyOrderElementsOf(parameters);
        }
    }

    @Test
    void eachNamesTheZoneOfTimesThatItPrintsAndCuts() {
        Pattern zoneless = Pattern.compile("to_char\\((?!.*'UTC')|date_trunc\\((?!.*'UTC')");
        for (String name : Report.names()) {
            Matcher found = zoneless.matcher(Report.named(name).text());
            assertThat(found.find()).as(name).isFalse();
        }
    }

    @Test
    void parametersHaveTheirTypesAndDefaults() {
        assertThat(Report.named("top-keys").parameters())
                .containsExactly(
                        new Report.Parameter("from", "-infinity", Report.Type.TIME),
                        new Report.Parameter("to", "infinity", Report.Type.TIME),
                        new Report.Parameter("account", "*", Report.Type.TEXT),
                        new Report.Parameter("measure", "requests", Report.Type.TEXT),
                        new Report.Parameter("limit", "10", Report.Type.NUMBER));
        assertThat(Report.named("top-keys").purpose()).isEqualTo("The keys that used most.");
    }

    @Test
    void whatIsMistypedIsToldWithTheNearestName() {
        assertThatThrownBy(() -> Report.named("top-key"))
                .isInstanceOf(OperatorException.class)
                .hasMessageStartingWith("report 'top-key' is not known, expected one of bridge, ")
                .hasMessageEndingWith("; did you mean top-keys?");
        assertThatThrownBy(() -> Report.named("../list/keys")).hasMessageContaining("is not known");
        assertThatThrownBy(() -> Report.named("top-keys").parameter("mesure"))
                .hasMessage("report top-keys has no parameter 'mesure', expected one of from, to, account, measure,"
                        + " limit; did you mean measure?");
        assertThatThrownBy(() -> Report.named("sources").parameter("from"))
                .hasMessage("report sources has no parameter 'from', it takes none");
    }
}
