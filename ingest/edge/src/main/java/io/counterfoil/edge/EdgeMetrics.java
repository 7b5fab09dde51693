package io.counterfoil.edge;

import io.counterfoil.accesslog.collected.CollectedLogStats;
import io.counterfoil.accesslog.log.AccessLog;
import io.counterfoil.accesslog.log.LogStats;
import io.counterfoil.edge.admin.AdminServer;
import io.counterfoil.edge.http.EdgeServer;
import io.counterfoil.edge.snapshot.SnapshotRefresh;
import io.counterfoil.edge.snapshot.SnapshotStats;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** The edge's figures for Prometheus, read where they are kept when somebody asks. Never per key. */
final class EdgeMetrics implements AdminServer.Metrics {
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private final EdgeServer server;
    private final AccessLog log;
    private final SnapshotRefresh snapshot;
    private final Optional<Supplier<CollectedLogStats>> collector;
    private PrometheusMeterRegistry registry;

    EdgeMetrics(
            EdgeServer server,
            AccessLog log,
            SnapshotRefresh snapshot,
            Optional<Supplier<CollectedLogStats>> collector) {
        this.server = server;
        this.log = log;
        this.snapshot = snapshot;
        this.collector = collector;
    }

    @Override
    public synchronized String write(OutputStream out) throws IOException {
        if (registry == null) {
            // When first asked: nobody waits for it at the start.
            registry = open();
        }
        out.write(registry.scrape(TEXT).getBytes(StandardCharsets.UTF_8));
        return TEXT;
    }

    private PrometheusMeterRegistry open() {
        PrometheusRegistry prometheus = new PrometheusRegistry();
        prometheus.register(new RequestMetrics(server::metrics));
        prometheus.register(new FlagMetrics(snapshot.flagAges()));
        PrometheusMeterRegistry meters =
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, prometheus, Clock.SYSTEM);
        new JvmMemoryMetrics().bindTo(meters);
        new JvmThreadMetrics().bindTo(meters);
        new ProcessorMetrics().bindTo(meters);
        new FileDescriptorMetrics().bindTo(meters);
        bindGc(meters);
        bindLog(meters);
        bindSnapshot(meters);
        collector.ifPresent(stats -> CollectorMetrics.bind(meters, stats));
        return meters;
    }

    @SuppressWarnings("resource") // It listens as long as the process lives.
    private static void bindGc(PrometheusMeterRegistry meters) {
        new JvmGcMetrics().bindTo(meters);
    }

    private void bindLog(PrometheusMeterRegistry meters) {
        count(meters, "counterfoil.log.records", "Records appended", LogStats::records);
        count(meters, "counterfoil.log.bytes", "Bytes of log lines, before compression", LogStats::logBytes);
        unlogged(meters, "disk", stats -> stats.unlogged().disk());
        unlogged(meters, "no_segment", stats -> stats.unlogged().noSegment());
        unlogged(meters, "lost", stats -> stats.unlogged().lost());
        count(meters, "counterfoil.log.forces", "Forces of active segments", LogStats::forces);
        count(meters, "counterfoil.log.force.seconds", "Time spent in them", stats -> stats.forceNanos() / 1e9);
        gauge(meters, "counterfoil.log.force.max.seconds", "The longest of them", stats -> stats.forceMaxNanos() / 1e9);
        count(meters, "counterfoil.log.forces.failed", "Forces that failed", LogStats::failedForces);
        count(meters, "counterfoil.log.segments.poisoned", "Segments given up", LogStats::poisonedSegments);
        gauge(meters, "counterfoil.log.segments.unsealed", "Rolled, not sealed yet", LogStats::unsealedSegments);
        gauge(meters, "counterfoil.log.segments.waiting", "Sealed, not landed yet", LogStats::waitingSegments);
        gauge(meters, "counterfoil.log.waiting.bytes", "Of segments not landed yet", LogStats::waitingBytes);
        gauge(meters, "counterfoil.log.streams.quarantined", "Held back", LogStats::quarantinedStreams);
        gauge(
                meters,
                "counterfoil.log.landing.down",
                "1 while it cannot be written",
                stats -> stats.landingDown() ? 1 : 0);
        gauge(
                meters,
                "counterfoil.log.landed.age.seconds",
                "Since all that was sealed was in the landing",
                LogStats::secondsSinceShipped);
    }

    private void count(
            PrometheusMeterRegistry meters, String name, String description, ToDoubleFunction<LogStats> value) {
        FunctionCounter.builder(name, log, source -> value.applyAsDouble(source.stats()))
                .description(description)
                .register(meters);
    }

    private void unlogged(PrometheusMeterRegistry meters, String reason, ToDoubleFunction<LogStats> value) {
        FunctionCounter.builder("counterfoil.log.unlogged", log, source -> value.applyAsDouble(source.stats()))
                .description("Requests served without a record")
                .tag("reason", reason)
                .register(meters);
    }

    private void gauge(
            PrometheusMeterRegistry meters, String name, String description, ToDoubleFunction<LogStats> value) {
        Gauge.builder(name, log, source -> value.applyAsDouble(source.stats()))
                .description(description)
                .register(meters);
    }

    private void bindSnapshot(PrometheusMeterRegistry meters) {
        snapshot(meters, "counterfoil.snapshot.version", "Of the snapshot in use", SnapshotStats::version);
        snapshot(
                meters,
                "counterfoil.snapshot.age.seconds",
                "Since the database last confirmed it",
                stats -> stats.age().toMillis() / 1e3);
        snapshot(meters, "counterfoil.snapshot.keys", "Keys that are enabled", SnapshotStats::keys);
        snapshot(meters, "counterfoil.snapshot.flags", "Flags it holds", SnapshotStats::flags);
        snapshot(
                meters,
                "counterfoil.snapshot.database.down",
                "1 while the database cannot be read",
                stats -> stats.databaseDown() ? 1 : 0);
        FunctionCounter.builder(
                        "counterfoil.snapshot.refused",
                        snapshot,
                        source -> source.stats().refused())
                .description("Versions refused because they looked wrong")
                .register(meters);
    }

    private void snapshot(
            PrometheusMeterRegistry meters, String name, String description, ToDoubleFunction<SnapshotStats> value) {
        Gauge.builder(name, snapshot, source -> value.applyAsDouble(source.stats()))
                .description(description)
                .register(meters);
    }
}
