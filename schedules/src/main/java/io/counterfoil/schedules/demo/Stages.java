package io.counterfoil.schedules.demo;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Callable;

/** Prints what is going on, stage by stage, with seconds. */
final class Stages {
    private final PrintStream out;
    private final int count;
    private int stage;

    Stages(PrintStream out, int count) {
        this.out = out;
        this.count = count;
    }

    /** Runs one stage; what it returns is the stage's outcome in words. */
    void run(String what, Callable<String> work) throws Exception {
        stage++;
        out.printf("[%d/%d] %s … ", stage, count, what);
        out.flush();
        long start = System.nanoTime();
        String outcome;
        try {
            outcome = work.call();
        } catch (Exception e) {
            out.println("failed");
            throw e;
        }
        out.printf(Locale.ROOT, "%.1f s%n", (System.nanoTime() - start) / 1e9);
        if (!outcome.isEmpty()) {
            outcome.lines().forEach(line -> out.println("      " + line));
        }
    }
}
