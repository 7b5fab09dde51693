package io.counterfoil.edge.config;

import io.counterfoil.edge.EdgeTemplate;
import io.counterfoil.sql.OperatorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
        assertThatThrownBy(() -> ConfigFile.read(file(), Overrides.none(), Optional.empty()))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
                .message()
                .contains(faults)
                .matches(text -> text.lines().count() == (faults.length == 1 ? 1 : faults.length + 1));
    }

    @Test
    void readsTheTemplateItself() {
        EdgeTemplate.write(folder);
        EdgeConfig config = ConfigFile.read(file(), Overrides.none(), Optional.of(folder));
        assertThat(config.edge()).isEqualTo("edge-1");
        assertThat(config.listen().address()).isEqualTo(new ListenAddress("127.0.0.1", 8080));
        assertThat(config.log().data()).isEqualTo(folder.resolve("edge"));
        assertThat(config.log().landing()).isEqualTo(folder.resolve("landing").toString());
        assertThat(config.log().sealAfter()).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.eventLoops()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(config.routing().routes()).hasSize(1);
        assertThat(config.routing().routes().get(0).target())
                .isEqualTo(new RouteConfig.Documents(folder.resolve("items"), Optional.empty()));
        assertThat(config.routing().routes().get(0).units()).isEqualTo(1);
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
                limits: {body: 16777216TiB}
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
                file() + ":7: field 'limits.body' is '16777216TiB', expected ",
                file() + ":10: field 'routes[0].path' is '/v1/items', expected a path with one {parameter}",
                file() + ":12: field 'routes[0].units' is '-1'",
                file() + ":13: field 'routes[1].path' is missing",
                file() + ":14: field 'routes[1].dataset' is 'nowhere', expected a folder that exists, of <key>.json",
                file() + ":15: routes[2] is no mapping");
    }

    @Test
    void tellsWhatIsNoYamlOrNotThere() throws IOException {
        assertFaults("edge: [\n", file() + ":2: no valid YAML");
        assertFaults("", file() + " is empty");
        assertFaults("- a\n", file() + ":1: the file is no mapping of fields");
        Path missing = folder.resolve("missing.yaml");
        assertThatThrownBy(() -> ConfigFile.read(missing, Overrides.none(), Optional.empty()))
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
        Overrides overrides = Overrides.of(Map.of(
                        "COUNTERFOIL_EDGE_EDGE", "edge-8",
                        "COUNTERFOIL_EDGE_LOG_WHEN_FULL", "refuse",
                        "COUNTERFOIL_EDGE_TRUSTED_PROXIES", "10.0.0.0/8, ::1"))
                .option("edge", "--name", Optional.of("edge-9"))
                .option("listen", "--listen", Optional.of("[::1]:0"))
                .option("data", "--data", Optional.of("/d"))
                .option("landing", "--landing", Optional.of("s3://bucket/prefix"));
        EdgeConfig config = ConfigFile.read(file(), overrides, Optional.empty());
        assertThat(List.of(
                        config.edge(),
                        config.listen().address().toString(),
                        config.log().data() + "",
                        config.log().landing()))
                .containsExactly("edge-9", "[::1]:0", "/d", "s3://bucket/prefix");
        assertThat(config.log().whenFull()).isEqualTo(LogConfig.WhenFull.REFUSE);
        assertThat(config.routing().trustedProxies().toString()).isEqualTo("[10.0.0.0/8, ::1]");
        Overrides wrong = Overrides.of(
                        Map.of("COUNTERFOIL_EDGE_LISTN", "127.0.0.1:1", "COUNTERFOIL_EDGE_LOG_FORCE_EVERY", "soon"))
                .option("edge", "--name", Optional.of("Edge"))
                .option("listen", "--listen", Optional.of("x"));
        assertThatThrownBy(() -> ConfigFile.read(file(), wrong, Optional.of(folder)))
                .hasMessageContaining("option --name is 'Edge', expected")
                .hasMessageContaining("option --listen is 'x', expected")
                .hasMessageContaining("environment COUNTERFOIL_EDGE_LOG_FORCE_EVERY is 'soon', expected a time")
                .hasMessageContaining("environment COUNTERFOIL_EDGE_LISTN sets no field");
    }

    @Test
    void readsEveryFieldThereIs() throws IOException {
        Files.createDirectory(folder.resolve("items"));
        Files.writeString(folder.resolve("prices.csv"), "id,price\n1,2\n");
        Files.writeString(file(), """
                edge: e
                listen: 0.0.0.0:8443
                admin: off
                data: d
                landing: s3://logs/edge
                seal_after: 10s
                drain: 2s
                log: {force_every: 250ms, when_full: refuse, max_waiting: 1GiB}
                limits: {request_line: 4KiB, header_fields: 8KiB, body: 64KiB, head_timeout: 5s, idle_timeout: 20s}
                trusted_proxies: [10.0.0.0/8, 192.0.2.7]
                log_client: network
                cors: {origins: ['https://app.example'], headers: [x-trace], expose: [etag], max_age: 1h}
                routes:
                  - {name: items, path: '/v1/items/{id}', dataset: items, scope: items.read, units: 3}
                  - {name: prices, path: '/v1/prices/{id}', dataset: {file: prices.csv, key: id}}
                  - {name: orders, path: '/v1/orders/{rest*}', methods: [GET, POST], origin: 'http://127.0.0.1:9000'}
                  - name: search
                    path: /v1/search
                    origin:
                      url: https://search.internal/base
                      connections: 8
                      connect_timeout: 1s
                      response_timeout: 5s
                      idle_timeout: 3s
                      max_body: 10MiB
                      pass_key: true
                """);
        EdgeConfig config = ConfigFile.read(file(), Overrides.none(), Optional.empty());
        assertThat(config.listen().beside().admin()).isEmpty();
        assertThat(config.listen().limits())
                .isEqualTo(new ListenConfig.Limits(
                        4 << 10, 8 << 10, 64 << 10, Duration.ofSeconds(5), Duration.ofSeconds(20)));
        assertThat(config.log())
                .isEqualTo(new LogConfig(
                        folder.resolve("d"),
                        "s3://logs/edge",
                        Duration.ofSeconds(10),
                        Duration.ofMillis(250),
                        LogConfig.WhenFull.REFUSE,
                        1L << 30));
        assertThat(config.routing().logClient()).isTrue();
        assertThat(config.routing().cors())
                .contains(new RoutingConfig.Cors(
                        List.of("https://app.example"), List.of("x-trace"), List.of("etag"), Duration.ofHours(1)));
        List<RouteConfig> routes = config.routing().routes();
        assertThat(routes.get(0).scope()).contains("items.read");
        assertThat(routes.get(1).target())
                .isEqualTo(new RouteConfig.Documents(folder.resolve("prices.csv"), Optional.of("id")));
        assertThat(routes.get(2).methods()).containsExactly("GET", "POST");
        assertThat(routes.get(3).target())
                .isEqualTo(new RouteConfig.Origin(
                        URI.create("https://search.internal/base"),
                        8,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(3),
                        10 << 20,
                        true));
    }
}
