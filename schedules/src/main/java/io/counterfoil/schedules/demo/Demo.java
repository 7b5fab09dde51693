package io.counterfoil.schedules.demo;

import io.counterfoil.edge.EdgeTemplate;
import io.counterfoil.jobs.imports.ImportJob;
import io.counterfoil.jobs.imports.ImportResult;
import io.counterfoil.jobs.imports.ImportSettings;
import io.counterfoil.jobs.rollup.RollupJob;
import io.counterfoil.jobs.rollup.RollupResult;
import io.counterfoil.jobs.spark.LocalSpark;
import io.counterfoil.schedules.home.Home;
import io.counterfoil.schedules.runner.EdgeProcess;
import io.counterfoil.schedules.runner.RollupLoop;
import io.counterfoil.schedules.runner.SingleMachine;
import io.counterfoil.schedules.schedule.ScheduleFile;
import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.ApiKeyText;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.report.Report;
import org.jdbi.v3.core.Jdbi;

import java.io.PrintStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The whole way of the data in one go, on a real log and with live traffic, held against independent counts. Everything real: Postgres,
 * Spark, the edge as its own process, requests over a socket.
 */
public final class Demo {
    private static final long QUOTA = 100;
    /** More than an edge needs until it answers. */
    private static final Duration EDGE_START = Duration.ofSeconds(5);

    private static final String SOURCE = "demo-log";
    private static final String EDGE = "demo-edge";
    private static final String LABEL = "demo-key";
    private static final List<String> PATHS = List.of("/v1/items/1", "/v1/items/2", "/v1/items/3");

    private final Home home;
    private final DemoLog log;
    private final Optional<MinuteSecond> liveAt;
    private Clock clock;
    private final PrintStream out;
    private final Stages stages;
    private final List<String> failures = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();

    private String databaseUrl = "";
    private Jdbi jdbi;
    private String key = "";
    private String refusal = "";
    private long answered;
    private boolean truthChecked;

    /**
     * @param home of the demo alone; emptied before
     * @param liveAt shifts the clocks so that live traffic begins at that time of an hour
     */
    public Demo(Home home, DemoLog log, Optional<MinuteSecond> liveAt, Clock clock, PrintStream out) {
        this.home = home;
        this.log = log;
        this.liveAt = liveAt;
        this.clock = clock;
        this.out = out;
        this.stages = new Stages(out, 7);
    }

    /** Opens the demo's database; called as the first stage. */
    @FunctionalInterface
    public interface OpenDatabase {
        String jdbcUrl() throws Exception;
    }

    /** Runs it; returns what did not come out as it must, empty where everything did. */
    public List<String> run(OpenDatabase database) throws Exception {
        stages.run("Postgres", () -> {
            databaseUrl = database.jdbcUrl();
            jdbi = DatabaseAccess.jdbi(DatabaseAccess.dataSource(databaseUrl));
            return "";
        });
        stages.run("import " + log.name(), this::importLog);
        try (SparkHolder spark = new SparkHolder()) {
            stages.run("roll it up with Spark", () -> rollUp(spark));
            printUsage();
            stages.run("bill it, a plan's price for each success", this::bill);
            stages.run(
                    "an edge, and live traffic until a key of " + QUOTA + " requests an hour is refused",
                    () -> live(spark));
            stages.run("stop the edge, count what is left", () -> countTheRest(spark));
        }
        stages.run("served = logged = counted?", this::prove);
        printEnd();
        return failures;
    }

    /** Spark starts in the stage that needs it first and stays warm. */
    private final class SparkHolder implements AutoCloseable {
        private Optional<LocalSpark> session = Optional.empty();

        RollupJob job() {
            if (session.isEmpty()) {
                session = Optional.of(LocalSpark.start(home.folder().resolve("scratch")));
            }
            return new RollupJob(session.get().session(), home.landing().toString(), databaseUrl, clock);
        }

        @Override
        public void close() {
            session.ifPresent(LocalSpark::close);
        }
    }

    private String importLog() {
        ImportSettings settings =
                new ImportSettings(log.format(), log.keyFrom(), SOURCE, Optional.empty(), true, false, true);
        ImportResult result = new ImportJob(home.landing(), databaseUrl, clock, lines -> out.printf("%,d ", lines))
                .run(settings, log.name(), log.open());
        return String.format(
                "%,d requests, %,d rejects, %,d keys", result.requests(), result.rejects(), result.createdKeys());
    }

    private String rollUp(SparkHolder spark) {
        RollupResult result = spark.job().run();
        List<Map<String, String>> usage = usage();
        String counted =
                String.format("%,d requests counted into %,d rows of hour and key", result.records(), usage.size());
        Optional<Truth> truth = log.readTruth();
        if (truth.isEmpty()) {
            return counted + "\nNot checked: there is no truth for this log (--truth FILE)";
        }
        truthChecked = true;
        List<String> differences = truth.get().differences(usage);
        failures.addAll(differences);
        return counted + "\n"
                + (differences.isEmpty()
                        ? String.format(
                                "equal to the truth that other tools counted, row for row: %,d rows",
                                truth.get().size())
                        : "NOT equal to the truth:\n" + String.join("\n", differences));
    }

    /** Held against the truth, not against what was counted. */
    private String bill() {
        List<Instant> hours = usage().stream()
                .map(row -> Instant.parse(row.get("hour")))
                .sorted()
                .toList();
        if (hours.isEmpty()) {
            return "nothing was used";
        }
        List<DemoBill.Billed> billed = new DemoBill(jdbi, SOURCE, clock).run(hours.get(0), hours.get(hours.size() - 1));
        Optional<Truth> truth = log.readTruth();
        List<String> told = new ArrayList<>();
        for (DemoBill.Billed invoice : billed) {
            String line = String.format(
                    "invoice %d, %s: %,d requests, EUR %s",
                    invoice.number(), invoice.month(), invoice.requests(), invoice.total());
            if (truth.isPresent()) {
                long expected = truth.get().successes(invoice.month());
                boolean equal = invoice.isFor(expected);
                line += equal
                        ? ": equal to the truth's successes"
                        : String.format(": NOT equal to the truth's %,d successes", expected);
                if (!equal) {
                    failures.add(line);
                }
            }
            told.add(line);
        }
        return told.isEmpty() ? "no month of it has ended yet" : String.join("\n", told);
    }

    private void printUsage() {
        UsageChart chart = new UsageChart(usage());
        out.println();
        chart.topKeys().forEach(line -> out.println("      " + line));
        out.println();
        chart.busiestDay().forEach(line -> out.println("      " + line));
        out.println();
    }

    private String live(SparkHolder spark) throws Exception {
        Map<String, String> environment = new HashMap<>();
        // Whatever else runs on the machine.
        environment.put("COUNTERFOIL_EDGE_ADMIN", "off");
        Instant begin = clock.instant();
        if (liveAt.isPresent()) {
            Duration ahead = liveAt.get().ahead(clock.instant()).minus(EDGE_START);
            Duration offset = Duration.between(Instant.now(Clock.systemUTC()), clock.instant())
                    .plus(ahead);
            clock = Clock.offset(clock, ahead);
            begin = clock.instant().plus(EDGE_START);
            environment.put("COUNTERFOIL_CLOCK_OFFSET", offset.toString());
        }
        createKey();
        Path config = home.folder().resolve("edge.yaml");
        EdgeTemplate.write(home.folder());
        List<String> arguments = new ArrayList<>(SingleMachine.edgeArguments(home, config));
        arguments.addAll(List.of("--name", EDGE, "--listen", "127.0.0.1:0"));
        try (EdgeProcess edge = EdgeProcess.start(
                        arguments, environment, SingleMachine.readyFile(home), databaseUrl, this::note);
                RollupLoop loop = new RollupLoop(
                        spark.job()::run, this::note, ScheduleFile.bundled().rollupPause())) {
            LiveTraffic traffic = new LiveTraffic(edge.awaitReady(), key, PATHS);
            loop.start();
            Duration early = Duration.between(clock.instant(), begin);
            TimeUnit.NANOSECONDS.sleep(Math.max(0, early.toNanos()));
            refusal = traffic.sendUntilRefused();
            answered = traffic.answered();
            return String.format("%,d requests answered, the last one with 429", answered);
        } catch (OperatorException | IllegalStateException e) {
            synchronized (lines) {
                lines.forEach(out::println);
            }
            throw e;
        }
    }

    private void createKey() {
        ApiKeyText text = ApiKeyText.generate(new SecureRandom());
        key = text.reveal();
        long account = new AccountStore(jdbi).create("Demo Inc", Optional.empty(), clock.instant());
        long plan = new PlanStore(jdbi)
                .create("demo-plan", List.of(UsageLimit.parse(QUOTA + "/hour", "refuse")), clock.instant());
        KeyStore.NewKey row =
                new KeyStore.NewKey(account, Optional.of(plan), LABEL, Optional.of(KeyStore.hash(key)), "demo");
        new KeyStore(jdbi).create(List.of(row), clock.instant());
    }

    private String countTheRest(SparkHolder spark) {
        spark.job().run();
        return "";
    }

    private String prove() {
        LiveProof proof = LiveProof.read(home.landing(), EDGE);
        long counted = usage().stream()
                .filter(row -> row.get("key").equals(LABEL))
                .mapToLong(row -> Long.parseLong(row.get("requests")))
                .sum();
        boolean equal = proof.served() == proof.logged() && proof.logged() == counted && answered == counted;
        String sums = String.format(
                "answered (client) %,d, served (edge) %,d, logged %,d, counted %,d: %s",
                answered, proof.served(), proof.logged(), counted, equal ? "equal" : "NOT equal");
        if (!equal) {
            failures.add(sums);
        }
        LiveProof.Overshoot overshoot = proof.overshoot(QUOTA);
        return sums + "\n"
                + String.format(
                        java.util.Locale.ROOT,
                        "limit of %d/hour used up at %s, refused %.2f s later; %,d requests passed meanwhile",
                        QUOTA,
                        overshoot.crossed(),
                        overshoot.flagTook().toMillis() / 1000.0,
                        overshoot.requests());
    }

    private void printEnd() {
        out.println();
        out.println("The last answer:");
        refusal.lines().forEach(line -> out.println("      " + line));
        out.println();
        out.println("Everything lies in " + home.folder()
                + ": landing/ (segments and seals), edge/ (the edge's log folder),");
        out.println("postgres/ (ledger, usage, flags). Nothing of it is what 'counterfoil up' bills from.");
        out.println("Try next: counterfoil --home " + home.folder()
                + " report usage-hourly --from 2016-03-01 --to 2016-03-02");
        out.println("          counterfoil --home " + home.folder() + " invoice explain 1");
        out.println("          counterfoil import --help       your own log");
        out.println("          counterfoil up                  your own edge; then account, plan and key create");
        out.println();
        String checked =
                truthChecked ? "all equal" : "live part equal; the import was not checked, there is no truth for it";
        out.println("demo: " + (failures.isEmpty() ? checked : failures.size() + " checks FAILED"));
    }

    private List<Map<String, String>> usage() {
        return Report.named("usage-hourly").list(jdbi, Map.of());
    }

    private void note(String line) {
        synchronized (lines) {
            lines.add(line);
        }
    }
}
