package io.counterfoil.jobs.spark;

import io.counterfoil.sql.OperatorException;
import org.apache.parquet.io.ParquetDecodingException;

import java.io.IOException;
import java.sql.SQLException;

/** What Spark's failures mean to people. Spark, in Scala, throws checked exceptions that Java does not see. */
public final class TaskFailures {
    private TaskFailures() {}

    /**
     * The exception to throw instead: what a task told itself, category CORRUPT where a Parquet file's page is not what was written,
     * category DOWN where a file or a database could not be reached.
     *
     * @param what could not be done
     */
    public static RuntimeException told(String what, Exception failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof OperatorException told) {
                return told;
            }
            if (cause instanceof ParquetDecodingException) {
                return OperatorException.corrupt(what + ": " + reason(cause) + "; put the file back from a backup");
            }
            if (cause instanceof SQLException || cause instanceof IOException) {
                return OperatorException.down(what + ": " + reason(cause) + "; nothing is lost, run it again", failure);
            }
        }
        return new IllegalStateException(what, failure);
    }

    private static String reason(Throwable cause) {
        return String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    }
}
