package io.counterfoil.edge.config;

import io.counterfoil.edge.EdgeTemplate;
import io.counterfoil.sql.OperatorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ConfigFileTest {
    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("edge.yaml");
    }

    private void assertFaults(String yaml, String... faults) throws IOException {
        Files.writeString(file(), yaml);
        assertThatThrownBy(() -> ConfigFile.read(file(), ConfigOverrides.NONE))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
                .message()
                .contains(faults)
                .matches(text -> text.lines().count() == (faults.length == 1 ? 1 : faults.length + 1));
    }

    @Test
    void readsTheTemplateItself() {
        EdgeTemplate.write(folder);
        ConfigOverrides home = new ConfigOverrides(
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(folder));
        EdgeConfig config = ConfigFile.read(file(), home);
        assertThat(config.edge()).isEqualTo("edge-1");
        assertThat(config.listen()).isEqualTo(new ListenAddress("127.0.0.1", 8080));
        assertThat(config.data()).isEqualTo(folder.resolve("edge"));
        assertThat(config.landing()).isEqualTo(folder.resolve("landing"));
        assertThat(config.sealAfter()).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.eventLoops()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(config.routes()).hasSize(1);
        assertThat(config.routes().get(0).dataset()).isEqualTo(folder.resolve("items"));
        assertThat(config.routes().get(0).units()).isEqualTo(1);
    }

    @Test
    void neverOverwritesWhatIsThere() throws IOException {
        Files.createDirectory(folder.resolve("items"));
        Files.writeString(folder.resolve("items/3.json"), "mine");
        assertThatThrownBy(() -> EdgeTemplate.write(folder))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("items/3.json is there already");
        assertThat(file()).doesNotExist();
        assertThat(folder.resolve("items/3.json")).hasContent("mine");
    }

    @Test
    void tellsEveryFaultAtOnceWithItsLine() throws IOException {
        Files.createDirectory(folder.resolve("items"));
        assertFaults(
                """
                edge: Edge One
                listen: localhost
                data: data
                seal_after: 1 hour
                event_loops: 0
                colour: blue
                routes:
                  - name: items
                    path: /v1/items
                    dataset: items
                    units: -1
                  - name: items
                    dataset: nowhere
                  - just text
                """,
                file() + ":1: field 'edge' is 'Edge One', expected 1 to 64 of a-z 0-9",
                file() + ":2: field 'listen' is 'localhost', expected HOST:PORT",
                file() + ":1: field 'landing' is missing",
                file() + ":4: field 'seal_after' is '1 hour', expected a time from 10ms to 60s",
                file() + ":5: field 'event_loops' is '0', expected a number from 1 to 256",
                file() + ":6: field 'colour' is not known, expected one of edge, listen,",
                file() + ":9: field 'routes[0].path' is '/v1/items', expected a path with one {parameter}",
                file() + ":11: field 'routes[0].units' is '-1'",
                file() + ":12: field 'routes[1].path' is missing",
                file() + ":13: field 'routes[1].dataset' is 'nowhere', expected a folder that exists",
                file() + ":14: routes[2] is no mapping");
    }

    @Test
    void tellsWhatIsNoYamlOrNotThere() throws IOException {
        assertFaults("edge: [\n", file() + ":2: no valid YAML");
        assertFaults("", file() + " is empty");
        assertFaults("- a\n", file() + ":1: the file is no mapping of fields");
        Path missing = folder.resolve("missing.yaml");
        assertThatThrownBy(() -> ConfigFile.read(missing, ConfigOverrides.NONE))
                .hasMessageContaining("missing.yaml cannot be read: there is no such file");
    }

    @Test
    void tellsAFieldThatIsThereTwice() throws IOException {
        EdgeTemplate.write(folder);
        String twice = Files.readString(file()) + "data: d\nlanding: l\nedge: b\n";
        assertFaults(twice, file() + ":" + twice.lines().count() + ": field 'edge' is there twice");
    }

    @Test
    void letsTheCommandLineGoBeforeTheFile() {
        EdgeTemplate.write(folder);
        ConfigOverrides overrides = new ConfigOverrides(
                Optional.of("edge-9"),
                Optional.of("[::1]:0"),
                Optional.of(Path.of("/d")),
                Optional.of(Path.of("/l")),
                Optional.empty());
        EdgeConfig config = ConfigFile.read(file(), overrides);
        assertThat(List.of(config.edge(), config.listen().toString(), config.data() + "", config.landing() + ""))
                .containsExactly("edge-9", "[::1]:0", "/d", "/l");
        ConfigOverrides wrong = new ConfigOverrides(
                Optional.of("Edge"), Optional.of("x"), Optional.empty(), Optional.empty(), Optional.empty());
        assertThatThrownBy(() -> ConfigFile.read(file(), wrong))
                .hasMessageContaining("option --name is 'Edge', expected")
                .hasMessageContaining("option --listen is 'x', expected");
    }
}
