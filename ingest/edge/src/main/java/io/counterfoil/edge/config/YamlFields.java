package io.counterfoil.edge.config;

import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** One mapping of a YAML file, field by field. A missing or wrong field becomes a fault with its line. */
final class YamlFields {
    private final Map<String, Node> fields = new LinkedHashMap<>();
    private final MappingNode mapping;
    private final String prefix;
    private final Faults faults;

    /** @param prefix stands before a field's name in messages, for example {@code routes[0].} */
    YamlFields(MappingNode mapping, String prefix, Set<String> known, Faults faults) {
        this.mapping = mapping;
        this.prefix = prefix;
        this.faults = faults;
        for (NodeTuple tuple : mapping.getValue()) {
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

    Optional<Node> node(String name) {
        return Optional.ofNullable(fields.get(name));
    }

    /** The field's text; empty where it is missing (a fault, if required) or no text (a fault). */
    Optional<String> text(String name, boolean required) {
        Node node = fields.get(name);
        if (node == null) {
            if (required) {
                faults.add(mapping, "field '" + prefix + name + "' is missing");
            }
            return Optional.empty();
        }
        if (node instanceof ScalarNode scalar && !scalar.getValue().isBlank()) {
            return Optional.of(scalar.getValue());
        }
        faults.add(node, "field '" + prefix + name + "' is empty or no single value");
        return Optional.empty();
    }

    /** As {@link #text}, read by a parser whose empty result is a fault. */
    <T> Optional<T> value(String name, boolean required, String expected, Function<String, Optional<T>> parser) {
        Optional<String> text = text(name, required);
        Optional<T> value = text.flatMap(parser);
        if (text.isPresent() && value.isEmpty()) {
            faults.add(fields.get(name), "field '" + prefix + name + "' is '" + text.get() + "', expected " + expected);
        }
        return value;
    }
}
