package io.counterfoil.edge.snapshot;

import java.time.Duration;

/**
 * How the snapshot is doing.
 *
 * @param version in use
 * @param age since the database last confirmed that it is the newest
 * @param keys that are enabled
 * @param flags that it holds, in force or not
 * @param refused how many versions were refused since the start
 * @param databaseDown the last try did not reach the database
 * @param lastLoad how long the last change took, from the question to its being in use and on disk; zero before the first
 */
public record SnapshotStats(
        long version, Duration age, int keys, int flags, long refused, boolean databaseDown, Duration lastLoad) {}
