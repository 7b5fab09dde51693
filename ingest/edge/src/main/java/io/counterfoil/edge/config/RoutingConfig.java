package io.counterfoil.edge.config;

import io.counterfoil.edge.client.AddressRange;
import io.counterfoil.edge.route.PathTemplate;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is answered to whom; reloaded when the file changes.
 *
 * @param trustedProxies peers whose {@code X-Forwarded-For} is believed
 * @param logClient whether the log's client column holds the client's network, /24 or /48; else it is empty
 * @param limitFields what answers say of limits
 * @param cors empty where browsers on other origins are told nothing
 * @param usage where callers ask what they used; empty where they cannot
 */
public record RoutingConfig(
        List<AddressRange> trustedProxies,
        boolean logClient,
        LimitFields limitFields,
        Optional<Cors> cors,
        Optional<PathTemplate> usage,
        List<RouteConfig> routes) {
    public RoutingConfig {
        trustedProxies = List.copyOf(trustedProxies);
        routes = List.copyOf(routes);
    }

    /**
     * The fields of draft-ietf-httpapi-ratelimit-headers-10.
     *
     * @param sent whether answers have them
     * @param fromPercent how much of a quota must be used for {@code RateLimit} to say what is left; 50 to 100
     */
    public record LimitFields(boolean sent, int fromPercent) {}

    /**
     * Which web pages may call the API from a browser (the Fetch standard's CORS protocol).
     *
     * @param origins {@code https://app.example}, or {@code *} alone for all
     * @param headers request headers that pages may send
     * @param expose answer headers that pages may read
     * @param maxAge how long a browser may remember a preflight's answer
     */
    public record Cors(List<String> origins, List<String> headers, List<String> expose, Duration maxAge) {
        public Cors {
            origins = List.copyOf(origins);
            headers = List.copyOf(headers);
            expose = List.copyOf(expose);
        }
    }
}
