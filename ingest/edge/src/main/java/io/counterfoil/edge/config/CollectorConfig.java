package io.counterfoil.edge.config;

/**
 * The collector of records that other edges post.
 *
 * @param batchesPerSecond of each source; ten seconds' worth may come at once
 */
public record CollectorConfig(ListenAddress address, int batchesPerSecond) {}
