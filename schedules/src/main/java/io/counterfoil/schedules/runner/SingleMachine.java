package io.counterfoil.schedules.runner;

import io.counterfoil.jobs.notify.NotifyJob;
import io.counterfoil.jobs.notify.NotifySettings;
import io.counterfoil.jobs.rollup.RollupJob;
import io.counterfoil.jobs.spark.LocalSpark;
import io.counterfoil.schedules.home.Home;
import io.counterfoil.schedules.schedule.ScheduleFile;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Everything on one machine: the edge as its own process, the rollup in a warm Spark session here, notices beside it. */
public final class SingleMachine {
    private static final long WATCH_MILLIS = 200;

    private final Home home;
    private final String databaseUrl;
    private final InstantSource clock;
    private final Consumer<String> lines;

    /** @param lines one line a change; called from several threads */
    public SingleMachine(Home home, String databaseUrl, InstantSource clock, Consumer<String> lines) {
        this.home = home;
        this.databaseUrl = databaseUrl;
        this.clock = clock;
        this.lines = lines;
    }

    /**
     * Runs until told to stop, then stops cleanly: the edge seals and ships, what it shipped is counted.
     *
     * @throws io.counterfoil.sql.OperatorException where the edge cannot start or ends by itself
     * @throws IllegalStateException where the edge ends by a defect of its own, or the rollup does
     */
    public void run(Path edgeConfig, NotifySettings notices, CountDownLatch stop) throws InterruptedException {
        List<String> arguments = edgeArguments(home, edgeConfig);
        try (EdgeProcess edge = EdgeProcess.start(arguments, Map.of(), readyFile(home), databaseUrl, lines)) {
            edge.awaitReady();
            lines.accept("starting Spark for the rollup");
            try (LocalSpark spark = LocalSpark.start(home.folder().resolve("scratch"));
                    RollupLoop loop = new RollupLoop(
                            new RollupJob(spark.session(), home.landing().toString(), databaseUrl, clock)::run,
                            lines,
                            ScheduleFile.bundled().rollupPause());
                    NotifyJob job = new NotifyJob(notices, databaseUrl, clock);
                    NotifyLoop notifications = new NotifyLoop(job::run, lines)) {
                loop.start();
                notifications.start();
                lines.accept("usage is counted; stop with Ctrl-C");
                while (!stop.await(WATCH_MILLIS, TimeUnit.MILLISECONDS)) {
                    if (!edge.isAlive()) {
                        throw edge.ended();
                    }
                    loop.requireCounting();
                }
                lines.accept("stopping: the edge seals what it logged");
                edge.close();
            }
        }
        lines.accept("stopped");
    }

    /** Where the home's edge keeps its log and where it ships it. */
    public static List<String> edgeArguments(Home home, Path config) {
        return List.of(
                "--config",
                config.toString(),
                "--data",
                home.edge().toString(),
                "--landing",
                home.landing().toString());
    }

    /** Where the home's edge says that it answers. */
    public static Path readyFile(Home home) {
        return home.edge().resolve("ready");
    }
}
