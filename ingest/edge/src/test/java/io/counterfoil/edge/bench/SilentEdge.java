package io.counterfoil.edge.bench;

import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.edge.EngineProperties;
import io.counterfoil.edge.config.ConfigFile;
import io.counterfoil.edge.config.EdgeConfig;
import io.counterfoil.edge.config.Overrides;
import io.counterfoil.edge.http.EdgeServer;
import io.counterfoil.edge.http.RequestLog;
import io.counterfoil.edge.snapshot.SnapshotRefresh;
import io.counterfoil.edge.snapshot.SnapshotSource;
import io.counterfoil.edge.usage.UsageFigures;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The edge with a log that forgets, to tell what the log costs. Takes {@code --config}, {@code --home} and {@code --ready-file} as
 * the edge does; ends with its standard input.
 */
public final class SilentEdge {
    private SilentEdge() {}

    public static void main(String[] args) throws IOException {
        EngineProperties.set();
        List<String> arguments = List.of(args);
        Clock clock = Clock.systemUTC();
        Map<String, String> environment = System.getenv();
        EdgeConfig config = ConfigFile.read(
                after(arguments, "--config"), Overrides.of(environment), Optional.of(after(arguments, "--home")));
        SnapshotSource source = new SnapshotSource(config.edge(), environment.get("COUNTERFOIL_DATABASE_URL"), clock);
        Path data = Files.createDirectories(config.log().data());
        SnapshotRefresh refresh =
                SnapshotRefresh.open(source, data, config.snapshot().poll(), clock, System.out::println);
        EdgeServer server = EdgeServer.start(
                EdgeServer.prepare(
                        config,
                        new UsageFigures(environment.get("COUNTERFOIL_DATABASE_URL"), clock, System.out::println)),
                new EdgeServer.Parts(loop -> new Forgetful(), refresh.current(), clock),
                System.out::println);
        refresh.start();
        Path ready = after(arguments, "--ready-file");
        Path whole = Files.writeString(ready.resolveSibling("ready.new"), "127.0.0.1:" + server.port() + "\n");
        Files.move(whole, ready, StandardCopyOption.ATOMIC_MOVE);
        System.in.transferTo(OutputStream.nullOutputStream());
        System.exit(0);
    }

    private static Path after(List<String> arguments, String option) {
        return Path.of(arguments.get(arguments.indexOf(option) + 1));
    }

    private static final class Forgetful implements RequestLog {
        @Override
        public boolean append(RequestFacts facts) {
            return true;
        }

        @Override
        public void countServed() {
            // Nobody asks.
        }

        @Override
        public boolean ready() {
            return true;
        }

        @Override
        public void rollIfDue(long idleMicros) {
            // There is nothing to roll.
        }

        @Override
        public void end() {
            // As above.
        }

        @Override
        public void suspectMapping() {
            // As above.
        }
    }
}
