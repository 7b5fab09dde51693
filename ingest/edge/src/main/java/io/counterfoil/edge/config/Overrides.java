package io.counterfoil.edge.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Values that go before the file's: of the environment, where {@code COUNTERFOIL_EDGE_LOG_FORCE_EVERY} stands for the field
 * {@code log.force_every}, and of the command line, which goes before both. Single values only; routes are the file's.
 */
public final class Overrides {
    /** What the name of an environment variable begins with. */
    public static final String PREFIX = "COUNTERFOIL_EDGE_";

    /**
     * One value.
     *
     * @param source for messages: {@code option --listen} or {@code environment COUNTERFOIL_EDGE_LISTEN}
     */
    record Value(String text, String source) {}

    private final Map<String, Value> values = new LinkedHashMap<>();
    private final Set<String> used = new HashSet<>();

    /** Takes every variable that begins with the prefix. */
    public static Overrides of(Map<String, String> environment) {
        Overrides overrides = new Overrides();
        for (String variable : new TreeSet<>(environment.keySet())) {
            if (variable.startsWith(PREFIX)) {
                overrides.values.put(
                        variable.substring(PREFIX.length()),
                        new Value(environment.get(variable), "environment " + variable));
            }
        }
        return overrides;
    }

    /** None at all. */
    public static Overrides none() {
        return new Overrides();
    }

    /** Adds what an option of the command line says, where it was given. */
    public Overrides option(String field, String option, Optional<String> text) {
        text.ifPresent(value -> values.put(name(field), new Value(value, "option " + option)));
        return this;
    }

    Optional<Value> find(String field) {
        Value value = values.get(name(field));
        if (value != null) {
            used.add(name(field));
        }
        return Optional.ofNullable(value);
    }

    /** What no field asked for: a variable that is misspelt, most often. */
    List<String> unused() {
        List<String> unused = new ArrayList<>();
        values.forEach((name, value) -> {
            if (!used.contains(name)) {
                unused.add(value.source() + " sets no field of the settings, expected " + PREFIX + "FIELD as in "
                        + PREFIX + "LISTEN or " + PREFIX + "LOG_FORCE_EVERY");
            }
        });
        return unused;
    }

    private static String name(String field) {
        return field.toUpperCase(Locale.ROOT).replace('.', '_');
    }
}
