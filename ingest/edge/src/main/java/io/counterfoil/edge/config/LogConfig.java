package io.counterfoil.edge.config;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The access log's settings.
 *
 * @param data folder of the log and the last good snapshot; one process at a time
 * @param landing to which sealed segments are shipped: a folder, absolute, or {@code s3://bucket/prefix}
 * @param sealAfter how old records may get before they are sealed and shipped
 * @param forceEvery how much of the log, in time, the loss of power may cost before it is sealed
 * @param whenFull what happens to requests while the log cannot take their records
 * @param maxWaitingBytes how much sealed log may wait on this disk for the landing
 */
public record LogConfig(
        Path data, String landing, Duration sealAfter, Duration forceEvery, WhenFull whenFull, long maxWaitingBytes) {
    /** The policy for a log that is full. */
    public enum WhenFull {
        /** Requests are served and counted exactly, as unlogged. */
        SERVE_UNLOGGED,
        /** Requests are answered 503 with Retry-After, and so are not given away. */
        REFUSE
    }
}
