package io.counterfoil.edge.route;

import java.util.List;
import java.util.Optional;

/** The routes in the file's order; the first that matches is taken. Immutable. */
public final class RouteTable {
    private final Route[] routes;

    public RouteTable(List<Route> routes) {
        this.routes = routes.toArray(Route[]::new);
    }

    /** @param path as it was sent, without the query */
    public Optional<Route> find(String path) {
        for (Route route : routes) {
            if (route.path().matches(path)) {
                return Optional.of(route);
            }
        }
        return Optional.empty();
    }
}
