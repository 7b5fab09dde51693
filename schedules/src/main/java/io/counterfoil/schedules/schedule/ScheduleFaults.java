package io.counterfoil.schedules.schedule;

import io.counterfoil.sql.OperatorException;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects everything that is wrong with a schedule, so that an operator mends it in one go. */
final class ScheduleFaults {
    private record Fault(int line, String text) {}

    private final String file;
    private final List<Fault> faults = new ArrayList<>();

    ScheduleFaults(String file) {
        this.file = file;
    }

    void add(Node where, String text) {
        faults.add(new Fault(where.getStartMark().map(Mark::getLine).orElse(0) + 1, text));
    }

    /** @throws OperatorException category INPUT with one line a fault, where there is any */
    void throwIfAny() {
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
                        : faults.size() + " faults in the schedule; mend them and run this again\n" + lines);
    }
}
