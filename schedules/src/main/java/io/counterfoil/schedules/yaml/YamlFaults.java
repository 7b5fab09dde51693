package io.counterfoil.schedules.yaml;

import io.counterfoil.sql.OperatorException;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects everything that is wrong with a file, so that an operator mends it in one go. */
public final class YamlFaults {
    private record Fault(int line, String text) {}

    private final String what;
    private final String file;
    private final String example;
    private final List<Fault> faults = new ArrayList<>();

    /**
     * @param what the file is, for example {@code schedule}
     * @param file its name
     * @param example a file that shows how it is written
     */
    public YamlFaults(String what, String file, String example) {
        this.what = what;
        this.file = file;
        this.example = example;
    }

    /** @throws OperatorException category INPUT where the file cannot be read */
    public String text(Path path) {
        try {
            return Files.readString(path, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw OperatorException.input(what + " " + file + " cannot be read ("
                    + e.getClass().getSimpleName() + "); expected a file as " + example);
        }
    }

    /** @throws OperatorException category INPUT where the text is no YAML, or empty */
    public Node root(String text) {
        try {
            return new Compose(LoadSettings.builder().setLabel(file).build())
                    .composeString(text)
                    .orElseThrow(() ->
                            OperatorException.input(what + " " + file + " is empty, expected a file as " + example));
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(Mark::getLine).orElse(0) + 1;
            throw OperatorException.input(
                    file + ":" + line + ": no valid YAML: " + e.getProblem() + "; mend it and run this again");
        } catch (YamlEngineException e) {
            throw OperatorException.input(what + " " + file + " cannot be read: " + e.getMessage());
        }
    }

    void add(Node where, String text) {
        faults.add(new Fault(where.getStartMark().map(Mark::getLine).orElse(0) + 1, text));
    }

    /** @throws OperatorException category INPUT with one line a fault, where there is any */
    public void throwIfAny() {
        if (faults.isEmpty()) {
            return;
        }
        faults.sort(Comparator.comparingInt(Fault::line));
        String lines = String.join(
                "\n",
                faults.stream()
                        .map(fault -> file + ":" + fault.line() + ": " + fault.text())
                        .toList());
        throw OperatorException.input(
                faults.size() == 1
                        ? lines + "; mend it and run this again"
                        : faults.size() + " faults in the " + what + "; mend them and run this again\n" + lines);
    }
}
