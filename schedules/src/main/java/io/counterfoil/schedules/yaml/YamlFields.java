package io.counterfoil.schedules.yaml;

import io.counterfoil.sql.OperatorException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/** One mapping of a file, field by field. What is missing or wrong becomes a fault with its line. */
public final class YamlFields {
    private final Map<String, Node> fields = new LinkedHashMap<>();
    private final Node where;
    private final String prefix;
    private final YamlFaults faults;

    /**
     * @param prefix stands before a field's name in messages, for example {@code jobs.rollup.}
     * @param known names of fields; empty where any is
     */
    public YamlFields(Node where, String prefix, Set<String> known, YamlFaults faults) {
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
            } else if (fields.putIfAbsent(name, tuple.getValueNode()) != null) {
                faults.add(tuple.getKeyNode(), "field '" + prefix + name + "' is there twice, expected once");
            }
        }
    }

    /** Names of fields, in the order in which messages list them. */
    public static Set<String> ordered(String... names) {
        return new LinkedHashSet<>(List.of(names));
    }

    /** False where it is something else, which is a fault already: fields that are missing then are none of their own. */
    public boolean isMapping() {
        return where instanceof MappingNode;
    }

    public Set<String> names() {
        return fields.keySet();
    }

    public Optional<Node> node(String name) {
        return Optional.ofNullable(fields.get(name));
    }

    /** A nested mapping; an empty one where it is missing, which is a fault where it is required. */
    public YamlFields section(String name, boolean required, Set<String> known) {
        Node node = fields.get(name);
        if (node != null) {
            return new YamlFields(node, prefix + name + ".", known, faults);
        }
        if (required) {
            faults.add(where, "field '" + prefix + name + "' is missing, expected " + String.join(", ", known));
        }
        return new YamlFields(prefix + name + ".", where, faults);
    }

    private YamlFields(String prefix, Node where, YamlFaults faults) {
        this.prefix = prefix;
        this.where = where;
        this.faults = faults;
    }

    /** The mappings of a list; none where it is missing, which is a fault where it is required. */
    public List<YamlFields> sections(String name, boolean required, Set<String> known) {
        List<YamlFields> sections = new ArrayList<>();
        Node node = fields.get(name);
        if (node instanceof SequenceNode sequence) {
            for (Node element : sequence.getValue()) {
                sections.add(
                        new YamlFields(element, prefix + name + "[" + (sections.size() + 1) + "].", known, faults));
            }
        } else if (node != null) {
            faults.add(node, "field '" + prefix + name + "' is no list, expected one of " + String.join(", ", known));
        } else if (required) {
            faults.add(where, "field '" + prefix + name + "' is missing, expected a list");
        }
        return sections;
    }

    /** Each field that is there and none of these becomes a fault. */
    public void only(Set<String> allowed, String because) {
        fields.forEach((name, node) -> {
            if (!allowed.contains(name)) {
                faults.add(node, "field '" + prefix + name + "' has no place here: " + because);
            }
        });
    }

    /** What is made of several fields, or empty and a fault where its maker refuses. */
    public <T> Optional<T> made(Supplier<T> maker) {
        try {
            return Optional.of(maker.get());
        } catch (OperatorException e) {
            faults.add(where, e.getMessage());
            return Optional.empty();
        }
    }

    /** Read by a parser that refuses by an OperatorException, whose message is the fault. */
    public <T> Optional<T> parsed(String name, boolean required, String expected, Function<String, T> parser) {
        return value(name, required, expected, Optional::of).flatMap(text -> {
            try {
                return Optional.of(parser.apply(text));
            } catch (OperatorException e) {
                faults.add(fields.get(name), "field '" + prefix + name + "': " + e.getMessage());
                return Optional.empty();
            }
        });
    }

    /** Read by a parser whose empty result is a fault. */
    public <T> Optional<T> value(String name, boolean required, String expected, Function<String, Optional<T>> parser) {
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
    public <T> List<T> list(String name, String expected, Function<String, Optional<T>> parser) {
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
