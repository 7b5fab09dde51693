package io.counterfoil.edge;

import io.counterfoil.edge.snapshot.FlagAges;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;

/** How fresh flags were when they began to hold. */
record FlagMetrics(FlagAges ages) implements MultiCollector {
    @Override
    public MetricSnapshots collect() {
        return MetricSnapshots.of(HistogramSnapshot.builder()
                .name("counterfoil_flag_age_seconds")
                .help("From the newest record counted to the flag it raised holding here")
                .dataPoint(HistogramSnapshot.HistogramDataPointSnapshot.builder()
                        .classicHistogramBuckets(ClassicHistogramBuckets.of(FlagAges.boundsSeconds(), ages.counts()))
                        .sum(ages.sumSeconds())
                        .build())
                .build());
    }
}
