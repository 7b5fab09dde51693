package io.counterfoil.accesslog.collected;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/**
 * @param folder the collector's own, below the edge's data folder, whose lock its process holds
 * @param sources that may post; what others left behind here is sealed all the same
 * @param sealAfter a segment that holds anything is sealed after this time
 * @param maxWaitingBytes sealed and not landed; beyond it nothing is taken
 */
public record CollectedLogConfig(Path folder, Set<String> sources, Duration sealAfter, long maxWaitingBytes) {
    public CollectedLogConfig {
        sources = Set.copyOf(sources);
    }
}
