package io.counterfoil.edge.config;

import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.sql.OperatorException;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Reads {@code edge.yaml}. Every fault is told at once, each with file, line, value and what was expected. */
public final class ConfigFile {
    private static final Set<String> FIELDS = ordered(
            "edge",
            "listen",
            "admin",
            "feed",
            "collector",
            "collector_rate",
            "transport",
            "tls",
            "data",
            "landing",
            "database",
            "seal_after",
            "snapshot_poll",
            "accept_snapshot",
            "event_loops",
            "drain",
            "log",
            "limits",
            "trusted_proxies",
            "log_client",
            "rate_limit_fields",
            "rate_limit_from",
            "usage",
            "cors",
            "routes");
    private static final int MAX_EVENT_LOOPS = 256;
    private static final int BATCHES_A_SECOND = 500;
    private static final int MAX_BATCHES_A_SECOND = 100_000;

    private final Path file;
    private final Path folder;
    private final Faults faults;

    private ConfigFile(Path file) {
        this.file = file;
        this.folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(file.toAbsolutePath());
        this.faults = new Faults(file);
    }

    /**
     * Reads the file; paths in it are relative to its folder.
     *
     * @param home folder of {@code edge} (data) and {@code landing} where neither the file nor an override names them
     * @throws OperatorException category INPUT with every fault found
     */
    public static EdgeConfig read(Path file, Overrides overrides, Optional<Path> home) {
        return new ConfigFile(file).parse(overrides, home);
    }

    private EdgeConfig parse(Overrides overrides, Optional<Path> home) {
        Node root = compose();
        if (!(root instanceof MappingNode mapping)) {
            faults.add(root, "the file is no mapping of fields, expected 'edge: NAME' and more");
            faults.throwIfAny();
            throw new AssertionError("a fault was just added");
        }
        YamlFields fields = new YamlFields(mapping, "", FIELDS, faults, overrides);
        Optional<String> edge = fields.value(
                "edge",
                true,
                "1 to 64 of a-z 0-9 . _ - and no sign at the start",
                text -> Optional.of(text)
                        .filter(t -> StreamId.EDGE_NAME.matcher(t).matches()));
        Optional<ListenConfig> listen = listen(fields);
        Optional<LogConfig> log = new LogSection(fields, folder).read(home);
        Optional<String> database = fields.text("database", false);
        EdgeConfig.SnapshotConfig snapshot = new EdgeConfig.SnapshotConfig(
                duration(fields, "snapshot_poll", 10, 3_600_000, 1_000),
                fields.value(
                                "accept_snapshot",
                                false,
                                "the number of a version",
                                text -> ConfigValues.number(text, Long.MAX_VALUE))
                        .map(OptionalLong::of)
                        .orElse(OptionalLong.empty()));
        int loops = fields.value(
                        "event_loops",
                        false,
                        "a number from 1 to " + MAX_EVENT_LOOPS,
                        text -> ConfigValues.number(text, MAX_EVENT_LOOPS))
                .map(Long::intValue)
                .orElse(Math.min(MAX_EVENT_LOOPS, Runtime.getRuntime().availableProcessors()));
        long bodyBytes = listen.map(config -> config.limits().bodyBytes()).orElse(1L);
        RoutingConfig routing = new RoutingSection(fields, folder, faults, bodyBytes).read();
        overrides.unused().forEach(faults::addOption);
        faults.throwIfAny();
        return new EdgeConfig(
                edge.orElseThrow(), listen.orElseThrow(), log.orElseThrow(), database, snapshot, loops, routing);
    }

    private Node compose() {
        try {
            String text = Files.readString(file);
            LoadSettings settings =
                    LoadSettings.builder().setLabel(file.toString()).build();
            return new Compose(settings)
                    .composeString(text)
                    .orElseThrow(() -> OperatorException.input(file + " is empty, expected 'edge: NAME' and more;"
                            + " counterfoil init writes one to begin with"));
        } catch (MarkedYamlEngineException e) {
            throw OperatorException.input(file + ":"
                    + e.getProblemMark()
                            .map(Mark::getLine)
                            .map(line -> line + 1)
                            .orElse(1) + ": no valid YAML: "
                    + e.getProblem() + "; mend it and start again");
        } catch (IOException | YamlEngineException e) {
            throw OperatorException.input("settings file " + file + " cannot be read: " + ConfigValues.reason(e)
                    + "; counterfoil init writes one to begin with");
        }
    }

    private Optional<ListenConfig> listen(YamlFields fields) {
        String expected = "HOST:PORT, as in 127.0.0.1:8080";
        Optional<ListenAddress> address = fields.value("listen", true, expected, ListenAddress::parse);
        ListenConfig.Beside beside = beside(fields, expected);
        Optional<String> transport = fields.value(
                "transport",
                false,
                "auto, io_uring, epoll or nio",
                text -> Optional.of(text).filter(t -> t.matches("auto|io_uring|epoll|nio")));
        Optional<ListenConfig.Tls> tls = tls(fields);
        ListenConfig.Limits limits = limits(fields.section(
                "limits", ordered("request_line", "header_fields", "body", "head_timeout", "idle_timeout")));
        Duration drain = duration(fields, "drain", 100, 3_600_000, 10_000);
        return address.map(at -> new ListenConfig(at, beside, transport.orElse("auto"), tls, limits, drain));
    }

    private static ListenConfig.Beside beside(YamlFields fields, String expected) {
        // Loopback unless somebody says otherwise: health and metrics are nobody else's business.
        Optional<List<ListenAddress>> admin = addressOrOff(fields, "admin", expected.replace("8080", "8081"));
        Optional<List<ListenAddress>> feed = addressOrOff(fields, "feed", expected.replace("8080", "8082"));
        Optional<List<ListenAddress>> collector = addressOrOff(fields, "collector", expected.replace("8080", "8083"));
        int rate = fields.value(
                        "collector_rate",
                        false,
                        "a number of batches a second from 1 to " + MAX_BATCHES_A_SECOND,
                        text -> ConfigValues.number(text, MAX_BATCHES_A_SECOND).filter(number -> number > 0))
                .map(Long::intValue)
                .orElse(BATCHES_A_SECOND);
        return new ListenConfig.Beside(
                admin.orElse(List.of(new ListenAddress("127.0.0.1", 8081))).stream()
                        .findFirst(),
                feed.flatMap(list -> list.stream().findFirst()),
                collector
                        .flatMap(list -> list.stream().findFirst())
                        .map(address -> new CollectorConfig(address, rate)));
    }

    private static Optional<List<ListenAddress>> addressOrOff(YamlFields fields, String name, String expected) {
        return fields.value(
                name,
                false,
                expected + ", or off",
                text -> text.equals("off")
                        ? Optional.of(List.of())
                        : ListenAddress.parse(text).map(List::of));
    }

    private Optional<ListenConfig.Tls> tls(YamlFields fields) {
        YamlFields section = fields.section("tls", ordered("certificate", "key"));
        if (!fields.has("tls")) {
            return Optional.empty();
        }
        Optional<Path> certificate = pem(section, "certificate");
        Optional<Path> key = pem(section, "key");
        return certificate.isPresent() && key.isPresent()
                ? Optional.of(new ListenConfig.Tls(certificate.get(), key.get()))
                : Optional.empty();
    }

    private Optional<Path> pem(YamlFields section, String name) {
        return section.value(
                name,
                true,
                "a PEM file that can be read",
                text -> path(folder, text).filter(Files::isReadable));
    }

    private static ListenConfig.Limits limits(YamlFields section) {
        return new ListenConfig.Limits(
                size(section, "request_line", 512, 64 << 10, 8 << 10).intValue(),
                size(section, "header_fields", 512, 256 << 10, 16 << 10).intValue(),
                size(section, "body", 0, 1L << 40, 1 << 20),
                duration(section, "head_timeout", 100, 600_000, 10_000),
                duration(section, "idle_timeout", 100, 3_600_000, 60_000));
    }

    static Duration duration(YamlFields fields, String name, long minMillis, long maxMillis, long otherwise) {
        return fields.value(
                        name,
                        false,
                        "a time from " + minMillis + "ms to " + maxMillis / 1000 + "s, as in 500ms, 1s or 2m",
                        text -> ConfigValues.duration(text, minMillis, maxMillis))
                .orElse(Duration.ofMillis(otherwise));
    }

    static Long size(YamlFields fields, String name, long min, long max, long otherwise) {
        return fields.value(
                        name,
                        false,
                        "bytes from " + min + "B to " + max + "B, as in 16KiB, 1MiB or 4GiB",
                        text -> ConfigValues.size(text, min, max))
                .orElse(otherwise);
    }

    /** Relative to the file's folder. */
    static Optional<Path> path(Path folder, String text) {
        try {
            return Optional.of(folder.resolve(text).toAbsolutePath().normalize());
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    static Set<String> ordered(String... names) {
        return new LinkedHashSet<>(List.of(names));
    }
}
