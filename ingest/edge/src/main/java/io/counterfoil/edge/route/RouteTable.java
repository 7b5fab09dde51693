package io.counterfoil.edge.route;

import java.util.List;
import java.util.Optional;

/** The routes in the file's order; the first that matches is taken. Immutable. */
public final class RouteTable<T> {
    private final List<Route<T>> routes;

    public RouteTable(List<Route<T>> routes) {
        this.routes = List.copyOf(routes);
    }

    public List<Route<T>> all() {
        return routes;
    }

    /** @param path as it was sent, without the query */
    public Optional<Route<T>> find(String path) {
        for (int i = 0; i < routes.size(); i++) {
            if (routes.get(i).path().matches(path)) {
                return Optional.of(routes.get(i));
            }
        }
        return Optional.empty();
    }
}
