package io.counterfoil.schedules.schedule;

import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** One mapping of the schedule, field by field. What is missing or wrong becomes a fault with its line. */
final class ScheduleFields {
    private final Map<String, Node> fields = new LinkedHashMap<>();
    private final Node where;
    private final String prefix;
    private final ScheduleFaults faults;

    /**
     * @param prefix stands before a field's name in messages, for example {@code jobs.rollup.}
     * @param known names of fields; empty where any is
     */
    ScheduleFields(Node where, String prefix, Set<String> known, ScheduleFaults faults) {
        this.where = where;
        this.prefix = prefix;
        this.faults = faults;
        if (!(where instanceof MappingNode mapping)) {
            faults.add(
                    where,
                    (prefix.isEmpty() ? "the file" : "field '" + prefix.substring(0, prefix.length() - 1) + "'")
                            + " is no mapping, expected "
                            + (known.isEmpty() ? "names and values" : String.join(", ", known)));
            return;
        }
        for (NodeTuple tuple : mapping.getValue()) {
            String name = tuple.getKeyNode() instanceof ScalarNode key ? key.getValue() : "";
            if (!known.isEmpty() && !known.contains(name)) {
                faults.add(
                        tuple.getKeyNode(),
                        "field '" + prefix + name + "' is not known, expected one of " + String.join(", ", known));
            } else if (fields.put(name, tuple.getValueNode()) != null) {
                faults.add(tuple.getKeyNode(), "field '" + prefix + name + "' is there twice, expected once");
            }
        }
    }

    Set<String> names() {
        return fields.keySet();
    }

    Optional<Node> node(String name) {
        return Optional.ofNullable(fields.get(name));
    }

    /** A nested mapping; an empty one where it is missing, which is a fault where it is required. */
    ScheduleFields section(String name, boolean required, Set<String> known) {
        Node node = fields.get(name);
        if (node != null) {
            return new ScheduleFields(node, prefix + name + ".", known, faults);
        }
        if (required) {
            faults.add(where, "field '" + prefix + name + "' is missing, expected " + String.join(", ", known));
        }
        return new ScheduleFields(prefix + name + ".", where, faults);
    }

    private ScheduleFields(String prefix, Node where, ScheduleFaults faults) {
        this.prefix = prefix;
        this.where = where;
        this.faults = faults;
    }

    /** Read by a parser whose empty result is a fault. */
    <T> Optional<T> value(String name, boolean required, String expected, Function<String, Optional<T>> parser) {
        Node node = fields.get(name);
        if (node == null) {
            if (required) {
                faults.add(where, "field '" + prefix + name + "' is missing, expected " + expected);
            }
            return Optional.empty();
        }
        return read(name, node, expected, parser);
    }

    private <T> Optional<T> read(String name, Node node, String expected, Function<String, Optional<T>> parser) {
        if (!(node instanceof ScalarNode scalar) || scalar.getValue().isBlank()) {
            faults.add(node, "field '" + prefix + name + "' is empty or no single value, expected " + expected);
            return Optional.empty();
        }
        Optional<T> value = parser.apply(scalar.getValue());
        if (value.isEmpty()) {
            faults.add(node, "field '" + prefix + name + "' is '" + scalar.getValue() + "', expected " + expected);
        }
        return value;
    }

    /** A list of values; empty where the field is missing. */
    <T> List<T> list(String name, String expected, Function<String, Optional<T>> parser) {
        List<T> values = new ArrayList<>();
        Node node = fields.get(name);
        if (node instanceof SequenceNode sequence) {
            for (Node element : sequence.getValue()) {
                read(name, element, expected, parser).ifPresent(values::add);
            }
        } else if (node != null) {
            faults.add(node, "field '" + prefix + name + "' is no list, expected [" + expected + ", …]");
        }
        return values;
    }
}
