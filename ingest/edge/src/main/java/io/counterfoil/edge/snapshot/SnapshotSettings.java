package io.counterfoil.edge.snapshot;

import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * How an edge keeps its snapshot.
 *
 * @param dataFolder held by this process
 * @param poll how often to look where no notification comes
 * @param accept the first snapshot of at least this version is taken though it takes away most keys, or goes back behind the one in
 *     use: an operator says so, after an alarm that named the version
 */
public record SnapshotSettings(Path dataFolder, Duration poll, OptionalLong accept) {}
