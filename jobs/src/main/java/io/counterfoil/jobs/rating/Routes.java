package io.counterfoil.jobs.rating;

import io.counterfoil.sql.OperatorException;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The routes whose usage a charge counts: those that one of {@code only} names (all, where there is none) and none of {@code except}
 * names. A pattern is a route's name, or the beginning of names and {@code *}: {@code search.*} is a group.
 */
public record Routes(List<String> only, List<String> except) {
    public static final Routes ALL = new Routes(List.of(), List.of());

    private static final Pattern NAME = Pattern.compile("[a-z0-9._-]{1,64}\\*?|\\*");

    /** @throws OperatorException category INPUT where a pattern could name no route */
    public Routes {
        only = List.copyOf(only);
        except = List.copyOf(except);
        Stream.concat(only.stream(), except.stream())
                .filter(pattern -> !NAME.matcher(pattern).matches())
                .findFirst()
                .ifPresent(pattern -> {
                    throw OperatorException.input("route is '" + pattern
                            + "', expected a route's name (a-z 0-9 . _ -), or the beginning of names and *, as in"
                            + " search.*");
                });
    }

    public boolean all() {
        return only.isEmpty() && except.isEmpty();
    }

    public boolean matches(String route) {
        return (only.isEmpty() || names(only, route)) && !names(except, route);
    }

    private static boolean names(List<String> patterns, String route) {
        return patterns.stream()
                .anyMatch(pattern -> pattern.endsWith("*")
                        ? route.startsWith(pattern.substring(0, pattern.length() - 1))
                        : route.equals(pattern));
    }

    /** For people: {@code all routes}, {@code search.* except search.free}. */
    public String text() {
        String named = only.isEmpty() ? "all routes" : String.join(", ", only);
        return except.isEmpty() ? named : named + " except " + String.join(", ", except);
    }
}
