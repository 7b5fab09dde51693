package io.counterfoil.edge.config;

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

/** One mapping of a YAML file, field by field, with what overrides it. A missing or wrong field becomes a fault with its line. */
final class YamlFields {
    private final Map<String, Node> fields = new LinkedHashMap<>();
    private final Node where;
    private final String prefix;
    private final Faults faults;
    private final Overrides overrides;

    /** @param prefix stands before a field's name in messages, for example {@code routes[0].} */
    YamlFields(MappingNode mapping, String prefix, Set<String> known, Faults faults, Overrides overrides) {
        this(mapping, mapping.getValue(), prefix, known, faults, overrides);
    }

    private YamlFields(
            Node where, List<NodeTuple> tuples, String prefix, Set<String> known, Faults faults, Overrides overrides) {
        this.where = where;
        this.prefix = prefix;
        this.faults = faults;
        this.overrides = overrides;
        for (NodeTuple tuple : tuples) {
            String name = tuple.getKeyNode() instanceof ScalarNode key ? key.getValue() : "";
            if (!known.contains(name)) {
                faults.add(
                        tuple.getKeyNode(),
                        "field '" + prefix + name + "' is not known, expected one of " + String.join(", ", known));
            } else if (fields.put(name, tuple.getValueNode()) != null) {
                faults.add(tuple.getKeyNode(), "field '" + prefix + name + "' is there twice, expected once");
            }
        }
    }

    /** The fields of a nested mapping; none where it is missing, which an override may still fill. */
    YamlFields section(String name, Set<String> known) {
        Node node = fields.get(name);
        List<NodeTuple> tuples = List.of();
        if (node instanceof MappingNode mapping) {
            tuples = mapping.getValue();
        } else if (node != null) {
            faults.add(node, "field '" + prefix + name + "' is no mapping, expected " + String.join(", ", known));
        }
        return new YamlFields(node == null ? where : node, tuples, prefix + name + ".", known, faults, overrides);
    }

    boolean has(String name) {
        return fields.containsKey(name);
    }

    Optional<Node> node(String name) {
        return Optional.ofNullable(fields.get(name));
    }

    /** Where a fault of the whole mapping is told. */
    Node where() {
        return where;
    }

    /** The field's text; empty where it is missing (a fault, if required) or no text (a fault). */
    Optional<String> text(String name, boolean required) {
        return value(name, required, "text", Optional::of);
    }

    /** As {@link #text}, read by a parser whose empty result is a fault. */
    <T> Optional<T> value(String name, boolean required, String expected, Function<String, Optional<T>> parser) {
        Optional<Overrides.Value> instead = overrides.find(prefix + name);
        if (instead.isPresent()) {
            Optional<T> value = parser.apply(instead.get().text());
            if (value.isEmpty()) {
                faults.addOption(
                        instead.get().source() + " is '" + instead.get().text() + "', expected " + expected);
            }
            return value;
        }
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

    /** A list of values, or one alone; an override writes them with commas between. Empty where the field is missing. */
    <T> List<T> list(String name, String expected, Function<String, Optional<T>> parser) {
        List<T> values = new ArrayList<>();
        Optional<Overrides.Value> instead = overrides.find(prefix + name);
        if (instead.isPresent()) {
            for (String part : instead.get().text().split(",", -1)) {
                parser.apply(part.strip())
                        .ifPresentOrElse(
                                values::add,
                                () -> faults.addOption(
                                        instead.get().source() + " has '" + part + "', expected " + expected));
            }
            return values;
        }
        Node node = fields.get(name);
        if (node instanceof SequenceNode sequence) {
            for (Node element : sequence.getValue()) {
                read(name, element, expected, parser).ifPresent(values::add);
            }
        } else if (node != null) {
            read(name, node, expected, parser).ifPresent(values::add);
        }
        return values;
    }
}
