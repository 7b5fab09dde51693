package io.counterfoil.edge.http;

import io.counterfoil.edge.client.ClientAddress;
import io.counterfoil.edge.config.RouteConfig;
import io.counterfoil.edge.config.RoutingConfig;
import io.counterfoil.edge.dataset.LiveDataset;
import io.counterfoil.edge.route.Route;
import io.counterfoil.edge.route.RouteTable;
import io.vertx.core.Vertx;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Makes of the settings what requests are answered by, and keeps it up to date. What did not change is kept: a dataset is not read
 * again, an origin's connections stay. One thread at a time.
 */
public final class RoutingLoader {
    /** How long requests that are with an origin have once no route leads there any more. */
    private static final Duration ORIGIN_DRAIN = Duration.ofSeconds(60);

    private final Vertx vertx;
    private final int loops;
    private final AtomicReference<Routing> current;
    private final RouteTarget.Usage usage;

    RoutingLoader(Vertx vertx, int loops, AtomicReference<Routing> current, UsageReplies usage) {
        this.vertx = vertx;
        this.loops = loops;
        this.current = current;
        this.usage = new RouteTarget.Usage(usage);
    }

    /**
     * Loads what the settings name and swaps it in; where anything cannot be loaded, nothing changes.
     *
     * @throws io.counterfoil.sql.OperatorException category INPUT where a dataset cannot be loaded
     */
    public void load(RoutingConfig config) {
        List<RouteTarget> old = targets();
        List<RouteTarget> targets = new ArrayList<>();
        List<Route<RouteTarget>> routes = new ArrayList<>();
        config.usage()
                .ifPresent(path -> routes.add(new Route<>(
                        RouteConfig.OWN + "usage", path, List.of("GET", "HEAD"), Optional.empty(), 1, usage)));
        for (RouteConfig route : config.routes()) {
            RouteTarget target = target(route.target(), old, targets);
            targets.add(target);
            routes.add(new Route<>(route.name(), route.path(), route.methods(), route.scope(), route.units(), target));
        }
        current.set(new Routing(
                new RouteTable<>(routes),
                new ClientAddress(config.trustedProxies()),
                config.logClient(),
                config.limitFields(),
                config.cors().map(Cors::new)));
        for (RouteTarget target : old) {
            if (target instanceof RouteTarget.Proxied proxied && !targets.contains(target)) {
                proxied.origin().close(ORIGIN_DRAIN);
            }
        }
    }

    /**
     * Looks whether a dataset's files changed.
     *
     * @param notices told of each that did
     */
    public void refreshDatasets(Consumer<String> notices) {
        for (RouteTarget target : targets()) {
            if (target instanceof RouteTarget.Documents documents) {
                documents.dataset().refresh(notices);
            }
        }
    }

    private List<RouteTarget> targets() {
        List<RouteTarget> targets = new ArrayList<>();
        Routing routing = current.get();
        if (routing != null) {
            routing.routes().all().forEach(route -> {
                // Two routes may share one.
                if (!targets.contains(route.target())) {
                    targets.add(route.target());
                }
            });
        }
        return targets;
    }

    private RouteTarget target(RouteConfig.Target config, List<RouteTarget> old, List<RouteTarget> fresh) {
        Predicate<RouteTarget> same;
        if (config instanceof RouteConfig.Documents documents) {
            same = target -> target instanceof RouteTarget.Documents known
                    && known.dataset().isOf(documents.path(), documents.key());
        } else {
            same = target -> target instanceof RouteTarget.Proxied known
                    && known.origin().config().equals(config);
        }
        return fresh.stream()
                .filter(same)
                .findFirst()
                .or(() -> old.stream().filter(same).findFirst())
                .orElseGet(() -> open(config));
    }

    private RouteTarget open(RouteConfig.Target config) {
        if (config instanceof RouteConfig.Documents documents) {
            return new RouteTarget.Documents(new LiveDataset<>(documents.path(), documents.key(), DocumentReplies::of));
        }
        return new RouteTarget.Proxied(new OriginPool(vertx, (RouteConfig.Origin) config, loops));
    }
}
