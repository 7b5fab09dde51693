package io.counterfoil.edge;

import io.counterfoil.edge.http.LoopMetrics;
import io.counterfoil.edge.http.RouteMetrics;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** What the event loops count, added up when somebody asks. */
final class RequestMetrics implements MultiCollector {
    private static final String REQUESTS = "counterfoil_requests";
    private static final String DURATION = "counterfoil_request_duration_seconds";
    private static final String CONNECTIONS = "counterfoil_connections";
    private static final String SLOW = "counterfoil_slow_connections_closed";

    private final Supplier<List<LoopMetrics>> loops;

    RequestMetrics(Supplier<List<LoopMetrics>> loops) {
        this.loops = loops;
    }

    @Override
    public MetricSnapshots collect() {
        Map<String, List<RouteMetrics>> routes = new TreeMap<>();
        int connections = 0;
        int slow = 0;
        for (LoopMetrics loop : loops.get()) {
            loop.routes()
                    .forEach((name, metrics) -> routes.computeIfAbsent(name, fresh -> new ArrayList<>())
                            .add(metrics));
            connections += loop.connections();
            slow += loop.slow();
        }
        CounterSnapshot.Builder requests =
                CounterSnapshot.builder().name(REQUESTS).help("Requests by route and class of status");
        HistogramSnapshot.Builder durations =
                HistogramSnapshot.builder().name(DURATION).help("From a request's first byte to its record");
        routes.forEach((name, metrics) -> {
            addClasses(requests, name, metrics);
            addDurations(durations, name, metrics);
        });
        return MetricSnapshots.of(
                requests.build(),
                durations.build(),
                GaugeSnapshot.builder()
                        .name(CONNECTIONS)
                        .help("Open now")
                        .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                                .value(connections)
                                .build())
                        .build(),
                CounterSnapshot.builder()
                        .name(SLOW)
                        .help("Connections closed because their client was too slow")
                        .dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                                .value(slow)
                                .build())
                        .build());
    }

    private static void addClasses(CounterSnapshot.Builder requests, String route, List<RouteMetrics> metrics) {
        long[] sums = new long[5];
        for (RouteMetrics one : metrics) {
            long[] classes = one.byClass();
            for (int i = 0; i < sums.length; i++) {
                sums[i] += classes[i];
            }
        }
        for (int i = 0; i < sums.length; i++) {
            if (sums[i] > 0) {
                requests.dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                        .labels(Labels.of("route", route, "status", (i + 1) + "xx"))
                        .value((double) sums[i])
                        .build());
            }
        }
    }

    private static void addDurations(HistogramSnapshot.Builder durations, String route, List<RouteMetrics> metrics) {
        double[] bounds = RouteMetrics.boundsSeconds();
        long[] sums = new long[bounds.length];
        long micros = 0;
        for (RouteMetrics one : metrics) {
            long[] buckets = one.buckets();
            for (int i = 0; i < sums.length; i++) {
                sums[i] += buckets[i];
            }
            micros += one.sumMicros();
        }
        durations.dataPoint(HistogramSnapshot.HistogramDataPointSnapshot.builder()
                .labels(Labels.of("route", route))
                .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, sums))
                .sum(micros / 1e6)
                .build());
    }
}
