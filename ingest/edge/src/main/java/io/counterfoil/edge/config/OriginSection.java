package io.counterfoil.edge.config;

import org.snakeyaml.engine.v2.nodes.MappingNode;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.Set;

/** The field {@code origin} of a route: its URL alone, or a mapping of {@code url} and more. */
final class OriginSection {
    private static final Set<String> FIELDS = ConfigFile.ordered(
            "url", "connections", "connect_timeout", "response_timeout", "idle_timeout", "max_body", "pass_key");
    private static final String EXPECTED = "a URL as in http://127.0.0.1:9000 or https://api.internal/base";
    private static final int CONNECTIONS = 256;

    private final YamlFields route;
    private final Faults faults;
    private final long bodyBytes;

    OriginSection(YamlFields route, Faults faults, long bodyBytes) {
        this.route = route;
        this.faults = faults;
        this.bodyBytes = bodyBytes;
    }

    Optional<RouteConfig.Origin> read() {
        if (route.node("origin").orElseThrow() instanceof MappingNode mapping) {
            return read(new YamlFields(mapping, "origin.", FIELDS, faults, Overrides.none()), "url");
        }
        return read(route, "origin");
    }

    /** Where the route says nothing but the URL, every other field is missing and has its default. */
    private Optional<RouteConfig.Origin> read(YamlFields fields, String url) {
        return fields.value(url, true, EXPECTED, OriginSection::url)
                .map(at -> new RouteConfig.Origin(
                        at,
                        fields.value(
                                        "connections",
                                        false,
                                        "a number from 1 to 10000",
                                        text -> ConfigValues.number(text, 10_000))
                                .map(Long::intValue)
                                .orElse(CONNECTIONS),
                        ConfigFile.duration(fields, "connect_timeout", 10, 600_000, 2_000),
                        ConfigFile.duration(fields, "response_timeout", 10, 3_600_000, 30_000),
                        ConfigFile.duration(fields, "idle_timeout", 10, 3_600_000, 30_000),
                        ConfigFile.size(fields, "max_body", 0, 1L << 40, bodyBytes),
                        fields.value("pass_key", false, "true or false", ConfigValues::flag)
                                .orElse(false)));
    }

    private static Optional<URI> url(String text) {
        try {
            URI uri = new URI(text);
            boolean plain = uri.getHost() != null
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null
                    && uri.getRawUserInfo() == null;
            String scheme = String.valueOf(uri.getScheme());
            return plain && (scheme.equals("http") || scheme.equals("https")) ? Optional.of(uri) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }
}
