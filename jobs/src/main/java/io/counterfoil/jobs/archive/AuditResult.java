package io.counterfoil.jobs.archive;

import java.time.Instant;
import java.util.List;

/**
 * What an audit found.
 *
 * @param hours that were compared
 * @param records that the archive holds of them and that count
 */
public record AuditResult(int hours, long records, List<Difference> differences) {
    /**
     * A group of which the archive and {@code usage_hourly} do not say the same. Sums are requests, units, bytes in, bytes out,
     * duration in microseconds.
     */
    public record Difference(
            Instant hour, long keyId, String route, String outcome, List<Long> archived, List<Long> counted) {}
}
