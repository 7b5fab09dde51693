package io.counterfoil.edge.config;

import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.edge.client.AddressRange;
import io.counterfoil.edge.route.PathTemplate;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The fields that say what is answered to whom: {@code routes}, {@code cors}, {@code trusted_proxies}, {@code log_client},
 * {@code rate_limit_fields}, {@code rate_limit_from}, {@code usage}. */
final class RoutingSection {
    private static final Set<String> ROUTE_FIELDS =
            ConfigFile.ordered("name", "path", "dataset", "origin", "methods", "scope", "units");
    private static final Set<String> CORS_FIELDS = ConfigFile.ordered("origins", "headers", "expose", "max_age");
    private static final List<String> READS = List.of("GET", "HEAD");
    private static final List<String> METHODS = List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
    /** The revision of draft-ietf-httpapi-ratelimit-headers whose fields are sent. */
    private static final String DRAFT = "draft-10";

    /** Below it, nobody notes what is used. */
    private static final int LEAST_PERCENT = 50;

    private static final String USAGE_PATH = "/usage";
    private static final long MAX_UNITS = 1_000_000_000L;
    private static final String FIELD_NAME = "[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}";

    private final YamlFields fields;
    private final Path folder;
    private final Faults faults;
    private final long bodyBytes;

    /** @param bodyBytes what a body may have where a route to an origin does not say otherwise */
    RoutingSection(YamlFields fields, Path folder, Faults faults, long bodyBytes) {
        this.fields = fields;
        this.folder = folder;
        this.faults = faults;
        this.bodyBytes = bodyBytes;
    }

    RoutingConfig read() {
        List<AddressRange> trusted = fields.list(
                "trusted_proxies", "an address or a range of them, as in 10.0.0.0/8 or ::1", AddressRange::parse);
        boolean logClient = fields.value(
                        "log_client",
                        false,
                        "network or off",
                        text -> text.equals("network")
                                ? Optional.of(true)
                                : Optional.of(false).filter(off -> text.equals("off")))
                .orElse(false);
        boolean rateLimitFields = fields.value(
                        "rate_limit_fields",
                        false,
                        DRAFT + " or off",
                        text -> text.equals(DRAFT)
                                ? Optional.of(true)
                                : Optional.of(false).filter(off -> text.equals("off")))
                .orElse(true);
        int from = fields.value(
                        "rate_limit_from",
                        false,
                        "percent of a quota, from " + LEAST_PERCENT + " to 100",
                        text -> ConfigValues.number(text.replaceAll("%$", ""), 100)
                                .filter(percent -> percent >= LEAST_PERCENT))
                .map(Long::intValue)
                .orElse(LEAST_PERCENT);
        List<RouteConfig> routes = routes();
        return new RoutingConfig(
                trusted,
                logClient,
                new RoutingConfig.LimitFields(rateLimitFields, from),
                cors(),
                usage(routes),
                routes);
    }

    private Optional<PathTemplate> usage(List<RouteConfig> routes) {
        List<PathTemplate> path = fields.value(
                        "usage",
                        false,
                        "a path without parameters that no route has, as in /usage, or off",
                        text -> text.equals("off")
                                ? Optional.of(List.<PathTemplate>of())
                                : PathTemplate.parse(text)
                                        .filter(PathTemplate::isLiteral)
                                        .filter(own -> isFree(own, routes))
                                        .map(List::of))
                .orElseGet(() -> List.of(PathTemplate.parse(USAGE_PATH).orElseThrow()));
        if (!fields.has("usage")
                && path.stream().anyMatch(own -> own.matches(USAGE_PATH))
                && routes.stream().anyMatch(route -> route.path().matches(USAGE_PATH))) {
            faults.add(
                    fields.where(),
                    "a route's path matches " + USAGE_PATH
                            + ", where callers ask what they used; set 'usage' to a path, which goes"
                            + " before the routes, or to off");
        }
        return path.stream().findFirst();
    }

    private static boolean isFree(PathTemplate path, List<RouteConfig> routes) {
        return routes.stream().noneMatch(route -> route.path().sameAs(path));
    }

    private Optional<RoutingConfig.Cors> cors() {
        YamlFields section = fields.section("cors", CORS_FIELDS);
        if (!fields.has("cors")) {
            return Optional.empty();
        }
        List<String> origins = section.list(
                "origins",
                "* or an origin as in https://app.example",
                text -> Optional.of(text)
                        .filter(t -> t.equals("*") || t.matches("https?://[A-Za-z0-9.-]+(:\\d{1,5})?")));
        if (origins.isEmpty() || (origins.contains("*") && origins.size() > 1)) {
            faults.add(section.where(), "field 'cors.origins' is missing, expected origins, or * alone");
        }
        return Optional.of(new RoutingConfig.Cors(
                origins,
                section.list("headers", "the name of a header field", RoutingSection::fieldName),
                section.list("expose", "the name of a header field", RoutingSection::fieldName),
                ConfigFile.duration(section, "max_age", 0, 86_400_000, 600_000)));
    }

    private static Optional<String> fieldName(String text) {
        return Optional.of(text).filter(t -> t.matches(FIELD_NAME));
    }

    private List<RouteConfig> routes() {
        Optional<Node> node = fields.node("routes");
        if (!(node.orElse(fields.where()) instanceof SequenceNode sequence)
                || sequence.getValue().isEmpty()) {
            faults.add(
                    node.orElse(fields.where()), "field 'routes' is missing or no list, expected at least one route");
            return List.of();
        }
        List<RouteConfig> routes = new ArrayList<>();
        for (int i = 0; i < sequence.getValue().size(); i++) {
            Node route = sequence.getValue().get(i);
            if (route instanceof MappingNode mapping) {
                YamlFields own = new YamlFields(mapping, "routes[" + i + "].", ROUTE_FIELDS, faults, Overrides.none());
                route(own, routes).ifPresent(routes::add);
            } else {
                faults.add(route, "routes[" + i + "] is no mapping, expected name, path, and dataset or origin");
            }
        }
        return routes;
    }

    private Optional<RouteConfig> route(YamlFields route, List<RouteConfig> others) {
        Optional<String> name = route.value(
                "name",
                true,
                "1 to 64 of a-z 0-9 . _ - and no other route's name; those that begin with " + RouteConfig.OWN
                        + " are the edge's",
                text -> Optional.of(text)
                        .filter(t -> RecordFormat.ROUTE_NAME.matcher(t).matches())
                        // The log's sign for "none matched".
                        .filter(t -> !t.equals("-") && !t.startsWith(RouteConfig.OWN))
                        .filter(t ->
                                others.stream().noneMatch(other -> other.name().equals(t))));
        boolean document = route.has("dataset");
        Optional<PathTemplate> path = route.value(
                "path",
                true,
                (document ? "a path with one {parameter}" : "a path, as in /v1/{kind}/{id} or /v1/{rest*},")
                        + " and no other route's path, as in /v1/items/{id}",
                text -> PathTemplate.parse(text)
                        .filter(t -> !document || t.namesOneDocument())
                        .filter(t ->
                                others.stream().noneMatch(other -> other.path().sameAs(t))));
        List<String> methods = route.list(
                "methods",
                "one of " + String.join(", ", METHODS),
                text -> Optional.of(text).filter(METHODS::contains));
        Optional<String> scope = route.value(
                "scope",
                false,
                "1 to 64 of a-z 0-9 . _ : -",
                text -> Optional.of(text).filter(t -> t.matches("[a-z0-9._:-]{1,64}")));
        Optional<Long> units =
                route.value("units", false, "a number from 1 to " + MAX_UNITS, t -> ConfigValues.number(t, MAX_UNITS));
        Optional<RouteConfig.Target> target = target(route, methods);
        if (name.isEmpty() || path.isEmpty() || target.isEmpty()) {
            return Optional.empty();
        }
        List<String> understood = methods.isEmpty() ? (document ? READS : METHODS) : methods;
        return Optional.of(new RouteConfig(name.get(), path.get(), understood, scope, units.orElse(1L), target.get()));
    }

    private Optional<RouteConfig.Target> target(YamlFields route, List<String> methods) {
        if (route.has("dataset") == route.has("origin")) {
            faults.add(
                    route.where(),
                    "a route needs either 'dataset' or 'origin', this one has "
                            + (route.has("dataset") ? "both" : "neither"));
            return Optional.empty();
        }
        if (route.has("origin")) {
            return new OriginSection(route, faults, bodyBytes).read().map(origin -> origin);
        }
        if (!READS.containsAll(methods)) {
            faults.add(route.where(), "a dataset understands GET and HEAD, 'methods' names others");
        }
        return documents(route).map(documents -> documents);
    }

    private Optional<RouteConfig.Documents> documents(YamlFields route) {
        if (route.node("dataset").orElseThrow() instanceof MappingNode mapping) {
            YamlFields file =
                    new YamlFields(mapping, "dataset.", ConfigFile.ordered("file", "key"), faults, Overrides.none());
            Optional<Path> path = file.value(
                    "file",
                    true,
                    "a .ndjson or .csv file that exists",
                    text -> ConfigFile.path(folder, text)
                            .filter(Files::isRegularFile)
                            .filter(p -> p.toString().endsWith(".ndjson")
                                    || p.toString().endsWith(".csv")));
            Optional<String> key = file.text("key", true);
            return path.flatMap(p -> key.map(k -> new RouteConfig.Documents(p, Optional.of(k))));
        }
        return route.value(
                        "dataset",
                        true,
                        "a folder that exists, of <key>.json files, or a mapping of file and key",
                        text -> ConfigFile.path(folder, text).filter(Files::isDirectory))
                .map(path -> new RouteConfig.Documents(path, Optional.empty()));
    }
}
