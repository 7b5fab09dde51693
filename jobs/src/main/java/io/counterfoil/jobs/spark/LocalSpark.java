package io.counterfoil.jobs.spark;

import org.apache.spark.sql.SparkSession;

import java.nio.file.Path;

/** A Spark session inside this process, for one machine. Starting it takes seconds: keep it warm where work comes often. */
public final class LocalSpark implements AutoCloseable {
    private final SparkSession session;

    private LocalSpark(SparkSession session) {
        this.session = session;
    }

    /**
     * Starts a session on every core of this machine, on the loopback address only, without a web page.
     *
     * @param scratch folder for what does not fit in memory
     */
    public static LocalSpark start(Path scratch) {
        return new LocalSpark(SparkSession.builder()
                .master("local[*]")
                .appName("counterfoil")
                .config("spark.ui.enabled", false)
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.local.dir", scratch.toAbsolutePath().toString())
                .config(
                        "spark.sql.warehouse.dir",
                        scratch.resolve("warehouse").toUri().toString())
                .config("spark.sql.session.timeZone", "UTC")
                .getOrCreate());
    }

    public SparkSession session() {
        return session;
    }

    @Override
    public void close() {
        session.stop();
    }
}
