package io.counterfoil.jobs.export;

import java.nio.file.Path;

/** Holds a file's lock, says so on standard output, and goes when its standard input ends or it is killed. */
final class LockHolderMain {
    private LockHolderMain() {}

    public static void main(String[] arguments) throws Exception {
        try (ExportLock lock = ExportLock.of(Path.of(arguments[0]))) {
            System.out.println(lock == null ? "not held" : "held");
            while (System.in.read() >= 0) {
                // Until it ends.
            }
        }
    }
}
