package io.counterfoil.sql.usage;

import io.counterfoil.sql.limits.UsageLimit;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a key's caller may know of its use.
 *
 * @param label the key's public name; empty where it is not known
 * @param account whose it is; empty where it is not known
 * @param plan empty where it has none, or it is not known
 * @param asOf when the newest request that is counted ended, of any key and edge; empty where nothing is. What an edge whose log is late
 *     served before is not in yet
 * @param limits of its plan, each in its present window
 * @param hours the last 48, the present one last, each, used or not; empty where they are not known
 * @param period the running billing period (a UTC month) so far; empty where it is not known
 */
public record KeyUsage(
        Optional<String> label,
        Optional<String> account,
        Optional<String> plan,
        Optional<Instant> asOf,
        List<LimitUse> limits,
        List<Span> hours,
        Optional<Span> period) {
    public KeyUsage {
        limits = List.copyOf(limits);
        hours = List.copyOf(hours);
    }

    /**
     * A limit in its present window.
     *
     * @param scope key or account: whose use counts
     * @param window hour, day or period
     * @param measure requests, units or bytes_out
     * @param action notify, warn or refuse
     * @param quota that holds for the key now
     * @param used empty where it is not known
     * @param resetsAt all of the quota is there again
     */
    public record LimitUse(
            String scope,
            String window,
            String measure,
            String action,
            long quota,
            OptionalLong used,
            Instant windowStart,
            Instant resetsAt) {
        /** As people write it: {@code 1000/hour}. */
        public String text() {
            return UsageLimit.text(quota, measure, window);
        }

        /** Whether all of it is used. */
        public boolean isOver() {
            return used.isPresent() && used.getAsLong() >= quota;
        }
    }

    /**
     * A time and what was used in it.
     *
     * @param start inclusive
     * @param end exclusive
     * @param requests that were answered, whatever the answer
     * @param billable of them, what counts towards limits by the plan
     * @param refused of them, over a limit
     * @param units of billable requests
     * @param bytesOut body bytes of billable requests
     */
    public record Span(
            Instant start, Instant end, long requests, long billable, long refused, long units, long bytesOut) {}
}
