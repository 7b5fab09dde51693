package io.counterfoil.jobs.dispute;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/** Counts what is not equal. */
final class Checks {
    private static final int TOLD = 10;

    private long differences;
    private final List<String> first = new ArrayList<>();

    /**
     * Ends a row with what was found, and whether it is what was expected.
     *
     * @param what for people
     */
    void write(DisputeFile.Row row, String what, BigDecimal expected, BigDecimal found) {
        BigDecimal difference = found.subtract(expected);
        if (difference.signum() != 0) {
            differences++;
            if (first.size() < TOLD) {
                first.add(what + ": found " + found.toPlainString() + ", expected " + expected.toPlainString());
            }
        }
        row.put(Column.FOUND, found)
                .put(Column.DIFFERENCE, difference)
                .put(Column.RESULT, difference.signum() == 0 ? "equal" : "differs")
                .write();
    }

    long differences() {
        return differences;
    }

    List<String> first() {
        return first;
    }
}
