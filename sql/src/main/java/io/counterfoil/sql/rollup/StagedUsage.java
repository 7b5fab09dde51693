package io.counterfoil.sql.rollup;

import java.io.Serializable;

/**
 * What one task attempt summed for an hour, key, route and outcome.
 *
 * @param hourSeconds the UTC hour's start, seconds since 1970
 */
public record StagedUsage(
        long hourSeconds,
        long keyId,
        String route,
        String outcome,
        long requests,
        long units,
        long bytesIn,
        long bytesOut,
        long durationMicros)
        implements Serializable {}
