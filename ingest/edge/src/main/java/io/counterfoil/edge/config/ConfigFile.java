package io.counterfoil.edge.config;

import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.edge.route.PathTemplate;
import io.counterfoil.sql.OperatorException;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads {@code edge.yaml}. Every fault is told at once, each with file, line, value and what was expected. */
public final class ConfigFile {
    private static final Set<String> FIELDS = ordered(
            "edge", "listen", "data", "landing", "database", "seal_after", "snapshot_poll", "event_loops", "routes");
    private static final Set<String> ROUTE_FIELDS = ordered("name", "path", "dataset", "units");
    private static final int MAX_EVENT_LOOPS = 256;
    private static final long MAX_UNITS = 1_000_000_000L;

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
     * @throws OperatorException category INPUT with every fault found
     */
    public static EdgeConfig read(Path file, ConfigOverrides overrides) {
        return new ConfigFile(file).parse(overrides);
    }

    private EdgeConfig parse(ConfigOverrides overrides) {
        Node root = compose();
        if (!(root instanceof MappingNode mapping)) {
            faults.add(root, "the file is no mapping of fields, expected 'edge: NAME' and more");
            faults.throwIfAny();
            throw new AssertionError("a fault was just added");
        }
        YamlFields fields = new YamlFields(mapping, "", FIELDS, faults);
        Optional<String> edge = name(fields, overrides);
        Optional<ListenAddress> listen = listen(fields, overrides);
        Optional<Path> data =
                folder(fields, "data", overrides.data(), overrides.home().map(home -> home.resolve("edge")));
        Optional<Path> landing =
                folder(fields, "landing", overrides.landing(), overrides.home().map(home -> home.resolve("landing")));
        Optional<String> database = fields.text("database", false);
        Duration sealAfter = duration(fields, "seal_after", 10, 60_000);
        Duration snapshotPoll = duration(fields, "snapshot_poll", 10, 3_600_000);
        int loops = fields.value(
                        "event_loops",
                        false,
                        "a number from 1 to " + MAX_EVENT_LOOPS,
                        text -> ConfigValues.number(text, MAX_EVENT_LOOPS))
                .map(Long::intValue)
                .orElse(Math.min(MAX_EVENT_LOOPS, Runtime.getRuntime().availableProcessors()));
        List<RouteConfig> routes = routes(fields, mapping);
        faults.throwIfAny();
        return new EdgeConfig(
                edge.orElseThrow(),
                listen.orElseThrow(),
                data.orElseThrow().toAbsolutePath().normalize(),
                landing.orElseThrow().toAbsolutePath().normalize(),
                database,
                sealAfter,
                snapshotPoll,
                loops,
                routes);
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

    private Optional<String> name(YamlFields fields, ConfigOverrides overrides) {
        String expected = "1 to 64 of a-z 0-9 . _ - and no sign at the start";
        if (overrides.name().isPresent()) {
            Optional<String> name = overrides.name().filter(ConfigFile::isEdgeName);
            if (name.isEmpty()) {
                faults.addOption("option --name is '" + overrides.name().get() + "', expected " + expected);
            }
            return name;
        }
        return fields.value("edge", true, expected, text -> Optional.of(text).filter(ConfigFile::isEdgeName));
    }

    private static boolean isEdgeName(String text) {
        return StreamId.EDGE_NAME.matcher(text).matches();
    }

    private Optional<ListenAddress> listen(YamlFields fields, ConfigOverrides overrides) {
        String expected = "HOST:PORT, as in 127.0.0.1:8080";
        if (overrides.listen().isPresent()) {
            Optional<ListenAddress> address = overrides.listen().flatMap(ListenAddress::parse);
            if (address.isEmpty()) {
                faults.addOption("option --listen is '" + overrides.listen().get() + "', expected " + expected);
            }
            return address;
        }
        return fields.value("listen", true, expected, ListenAddress::parse);
    }

    /** The option's, else the file's, else the home's; missing where all three are. */
    private Optional<Path> folder(YamlFields fields, String name, Optional<Path> option, Optional<Path> ofHome) {
        return option.or(() -> fields.value(name, ofHome.isEmpty(), "a folder", this::path))
                .or(() -> ofHome);
    }

    private Optional<Path> path(String text) {
        try {
            return Optional.of(folder.resolve(text));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private Duration duration(YamlFields fields, String name, long minMillis, long maxMillis) {
        return fields.value(
                        name,
                        false,
                        "a time from " + minMillis + "ms to " + maxMillis / 1000 + "s, as in 500ms, 1s or 2m",
                        text -> ConfigValues.duration(text, minMillis, maxMillis))
                .orElse(Duration.ofSeconds(1));
    }

    private List<RouteConfig> routes(YamlFields fields, MappingNode root) {
        Optional<Node> node = fields.node("routes");
        if (!(node.orElse(root) instanceof SequenceNode sequence)
                || sequence.getValue().isEmpty()) {
            faults.add(node.orElse(root), "field 'routes' is missing or no list, expected at least one route");
            return List.of();
        }
        List<RouteConfig> routes = new ArrayList<>();
        for (int i = 0; i < sequence.getValue().size(); i++) {
            Node route = sequence.getValue().get(i);
            if (route instanceof MappingNode mapping) {
                route(mapping, "routes[" + i + "].", routes).ifPresent(routes::add);
            } else {
                faults.add(route, "routes[" + i + "] is no mapping, expected name, path and dataset");
            }
        }
        return routes;
    }

    private Optional<RouteConfig> route(MappingNode mapping, String prefix, List<RouteConfig> others) {
        YamlFields fields = new YamlFields(mapping, prefix, ROUTE_FIELDS, faults);
        Optional<String> name = fields.value(
                "name",
                true,
                "1 to 64 of a-z 0-9 . _ - and no other route's name",
                text -> Optional.of(text)
                        .filter(t -> RecordFormat.ROUTE_NAME.matcher(t).matches())
                        // The log's sign for "none matched".
                        .filter(t -> !t.equals("-"))
                        .filter(t ->
                                others.stream().noneMatch(other -> other.name().equals(t))));
        Optional<PathTemplate> path = fields.value(
                "path",
                true,
                "a path with one {parameter} and no other route's path, as in /v1/items/{id}",
                text -> PathTemplate.parse(text)
                        .filter(t ->
                                others.stream().noneMatch(other -> other.path().sameAs(t))));
        Optional<Path> dataset = fields.value(
                "dataset",
                true,
                "a folder that exists, of <key>.json files",
                text -> path(text).filter(Files::isDirectory));
        Optional<Long> units =
                fields.value("units", false, "a number from 1 to " + MAX_UNITS, t -> ConfigValues.number(t, MAX_UNITS));
        if (name.isEmpty() || path.isEmpty() || dataset.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new RouteConfig(
                name.get(), path.get(), dataset.get().toAbsolutePath().normalize(), units.orElse(1L)));
    }

    private static Set<String> ordered(String... names) {
        return new LinkedHashSet<>(List.of(names));
    }
}
