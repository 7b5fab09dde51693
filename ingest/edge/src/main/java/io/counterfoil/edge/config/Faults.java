package io.counterfoil.edge.config;

import io.counterfoil.sql.OperatorException;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Collects everything that is wrong with a settings file, so that an operator mends it in one go. */
final class Faults {
    private record Fault(int line, String text) {}

    private final Path file;
    private final List<Fault> faults = new ArrayList<>();

    Faults(Path file) {
        this.file = file;
    }

    void add(Node where, String text) {
        add(where.getStartMark().map(Mark::getLine).orElse(0), text);
    }

    /** @param line counted from 0, as YAML marks are */
    void add(int line, String text) {
        faults.add(new Fault(line, file + ":" + (line + 1) + ": " + text));
    }

    /** A fault of an option of the command line. */
    void addOption(String text) {
        faults.add(new Fault(-1, text));
    }

    /** @throws OperatorException category INPUT with one line a fault, where there is any */
    void throwIfAny() {
        if (faults.isEmpty()) {
            return;
        }
        faults.sort((a, b) -> Integer.compare(a.line(), b.line()));
        String lines = String.join("\n", faults.stream().map(Fault::text).toList());
        throw OperatorException.input(
                faults.size() == 1
                        ? lines + "; mend it and start again"
                        : faults.size() + " faults in the settings; mend them and start again\n" + lines);
    }
}
