package io.counterfoil.schedules.cli;

import io.counterfoil.schedules.demo.Demo;
import io.counterfoil.schedules.demo.DemoLog;
import io.counterfoil.schedules.demo.MinuteSecond;
import io.counterfoil.schedules.home.Database;
import io.counterfoil.schedules.home.Home;
import io.counterfoil.sql.OperatorException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

@Command(
        name = "demo",
        description = {
            "The whole way of the data in one go: a real log, live traffic, a limit, and the proof.",
            "Uses a home of its own (<home>/demo), emptied at the start."
        },
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    private final Counterfoil root;

    @Option(names = "--log", paramLabel = "FILE", description = "Another log than the shipped one.")
    private Path log;

    @Option(names = "--format", defaultValue = "combined", paramLabel = "F", description = "combined, json or csv.")
    private String format;

    @Option(names = "--key-from", defaultValue = "user", paramLabel = "K", description = "user, address or a field.")
    private String keyFrom;

    @Option(
            names = "--truth",
            paramLabel = "FILE",
            description = "Usage that someone else counted: CSV with hour_utc, api_key, requests, bytes, s4xx, s5xx.")
    private Path truth;

    @Option(
            names = "--at",
            paramLabel = "MM:SS",
            description = "Shift the clocks so that live traffic begins then, for example 59:58.")
    private String at;

    DemoCommand(Counterfoil root) {
        this.root = root;
    }

    @Override
    public Integer call() throws Exception {
        if (root.databaseUrl().isPresent()) {
            throw OperatorException.input("demo uses a database of its own, --database (or "
                    + Counterfoil.DATABASE_VARIABLE + ") is set; leave it out");
        }
        DemoLog demoLog = log == null
                ? DemoLog.shipped()
                : new DemoLog(Optional.of(log), format, keyFrom, Optional.ofNullable(truth));
        Optional<MinuteSecond> liveAt = Optional.ofNullable(at).map(MinuteSecond::parse);
        Home home = root.home().demo();
        root.out().println("Counterfoil demo, in " + home.folder() + " (emptied first)");
        Deque<Database> opened = new ArrayDeque<>();
        try {
            List<String> failures = new Demo(home, demoLog, liveAt, root.clock(), root.out()).run(() -> {
                home.wipe();
                Database database = root.openDatabase(home);
                opened.add(database);
                return database.jdbcUrl();
            });
            return failures.isEmpty() ? 0 : OperatorException.corrupt("").exitCode();
        } finally {
            opened.forEach(Database::close);
        }
    }
}
