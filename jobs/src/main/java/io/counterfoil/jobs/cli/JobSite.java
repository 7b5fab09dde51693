package io.counterfoil.jobs.cli;

import org.apache.spark.sql.SparkSession;

import java.time.InstantSource;

/** Where a job runs: by spark-submit, or on one machine. Closed when the job is done. For one thread. */
public interface JobSite extends AutoCloseable {
    /** Started when it is first asked for: not every job needs it. */
    SparkSession spark();

    /** Of the database; holds its password. */
    String databaseUrl();

    InstantSource clock();

    @Override
    void close();

    /** Opens the site; what is wrong with its settings comes to light here, before a job begins. */
    @FunctionalInterface
    interface Opener {
        JobSite open();
    }
}
