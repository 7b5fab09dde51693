package io.counterfoil.edge.snapshot;

/** A number and what it counts, as people say it. */
final class Count {
    private Count() {}

    static String of(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }
}
