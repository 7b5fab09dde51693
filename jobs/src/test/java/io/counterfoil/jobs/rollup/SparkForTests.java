package io.counterfoil.jobs.rollup;

import io.counterfoil.jobs.spark.LocalSpark;
import org.apache.spark.sql.SparkSession;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;

/** One warm session for the tests of a JVM. */
public final class SparkForTests {
    private static SparkSession session;

    private SparkForTests() {}

    public static synchronized SparkSession session() {
        if (session == null) {
            try {
                session = LocalSpark.start(Files.createTempDirectory("counterfoil-spark"))
                        .session();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return session;
    }
}
