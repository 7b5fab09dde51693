package io.counterfoil.edge;

import io.counterfoil.accesslog.collected.CollectedLogStats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** The collector's figures; never per key, nor per instance of a source. */
final class CollectorMetrics {
    private static final double MICROS_A_SECOND = 1e6;

    private CollectorMetrics() {}

    static void bind(MeterRegistry meters, Supplier<CollectedLogStats> stats) {
        count(meters, stats, "batches", "Batches taken", CollectedLogStats::batches);
        count(meters, stats, "duplicates", "Batches posted again, and not taken", CollectedLogStats::duplicates);
        count(meters, stats, "records", "Records taken, held ones among them", CollectedLogStats::records);
        count(meters, stats, "rejects", "Lines that were no record", CollectedLogStats::rejects);
        count(meters, stats, "forces.failed", "Forces that failed", CollectedLogStats::failedForces);
        gauge(meters, stats, "held", "Records that wait for their key", CollectedLogStats::held);
        gauge(meters, stats, "segments.waiting", "Sealed, not landed yet", CollectedLogStats::waitingSegments);
        gauge(
                meters,
                stats,
                "skew.max.seconds",
                "The furthest that a sender's clock was off",
                figures -> figures.maxSkewMicros() / MICROS_A_SECOND);
    }

    private static void count(
            MeterRegistry meters,
            Supplier<CollectedLogStats> stats,
            String name,
            String description,
            ToDoubleFunction<CollectedLogStats> value) {
        FunctionCounter.builder("counterfoil.collector." + name, stats, source -> value.applyAsDouble(source.get()))
                .description(description)
                .register(meters);
    }

    private static void gauge(
            MeterRegistry meters,
            Supplier<CollectedLogStats> stats,
            String name,
            String description,
            ToDoubleFunction<CollectedLogStats> value) {
        Gauge.builder("counterfoil.collector." + name, stats, source -> value.applyAsDouble(source.get()))
                .description(description)
                .strongReference(true)
                .register(meters);
    }
}
