package io.counterfoil.edge.bench;

import io.counterfoil.accesslog.record.LogRecord;
import io.counterfoil.edge.testing.LandedLog;

import java.nio.file.Path;

/** Prints the id of every request that a landing's verified segments hold. Argument: the landing's folder. */
public final class LandedRequests {
    private LandedRequests() {}

    public static void main(String[] args) throws Exception {
        StringBuilder ids = new StringBuilder();
        for (LogRecord record : LandedLog.read(Path.of(args[0])).records()) {
            ids.append(record.facts().requestId()).append('\n');
        }
        System.out.print(ids);
    }
}
