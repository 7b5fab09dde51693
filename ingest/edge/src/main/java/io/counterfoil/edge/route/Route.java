package io.counterfoil.edge.route;

import java.util.List;
import java.util.Optional;

/**
 * A path and what answers it.
 *
 * @param methods that are understood
 * @param scope that a key must have; empty where any key will do
 * @param units what a request weighs
 * @param target where its answers come from; the HTTP package's own
 */
public record Route<T>(
        String name, PathTemplate path, List<String> methods, Optional<String> scope, long units, T target) {
    public Route {
        methods = List.copyOf(methods);
    }

    public boolean allows(String method) {
        return methods.contains(method);
    }
}
