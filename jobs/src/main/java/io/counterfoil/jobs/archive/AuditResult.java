package io.counterfoil.jobs.archive;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What an audit found.
 *
 * @param hours that were compared
 * @param records that the archive holds of them and that count
 */
public record AuditResult(int hours, long records, List<Difference> differences) {
    AuditResult plus(AuditResult other) {
        List<Difference> all = new ArrayList<>(differences);
        all.addAll(other.differences);
        return new AuditResult(hours + other.hours, records + other.records, all);
    }

    /**
     * A group of which the archive and {@code usage_hourly} do not say the same. Sums are requests, units, bytes in, bytes out,
     * duration in microseconds.
     */
    public record Difference(
            Instant hour, long keyId, String route, String outcome, List<Long> archived, List<Long> counted) {}
}
