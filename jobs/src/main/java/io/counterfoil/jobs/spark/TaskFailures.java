package io.counterfoil.jobs.spark;

import io.counterfoil.sql.DatabaseFault;
import io.counterfoil.sql.OperatorException;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.parquet.io.ParquetDecodingException;
import org.apache.spark.SparkException;

import java.io.IOException;
import java.io.ObjectStreamException;
import java.sql.SQLException;

/** What Spark's failures mean to people. Spark, in Scala, throws checked exceptions that Java does not see. */
public final class TaskFailures {
    private TaskFailures() {}

    /**
     * The exception to throw instead: what a task told itself, category CORRUPT where a file's page is not what was written,
     * category DOWN where a file or a database could not be reached.
     *
     * @param what could not be done
     */
    public static RuntimeException told(String what, Exception failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof OperatorException told) {
                return told;
            }
            if (cause instanceof ParquetDecodingException || cause instanceof ChecksumException) {
                return OperatorException.corrupt(what + ": " + reason(cause) + "; put the file back from a backup");
            }
            boolean databaseGone = cause instanceof SQLException && DatabaseFault.of(cause) != DatabaseFault.OTHER;
            // What cannot be serialized is a defect, though it is an IOException.
            boolean fileGone = cause instanceof IOException && !(cause instanceof ObjectStreamException);
            if (databaseGone || fileGone || isAborted(cause)) {
                return OperatorException.down(what + ": " + reason(cause) + "; nothing is lost, run it again", failure);
            }
        }
        return new IllegalStateException(what, failure);
    }

    /** By the cluster: executors that were lost again and again leave no cause. */
    private static boolean isAborted(Throwable cause) {
        return cause instanceof SparkException
                && cause.getCause() == null
                && String.valueOf(cause.getMessage()).contains("ExecutorLostFailure");
    }

    private static String reason(Throwable cause) {
        return String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    }
}
