package io.counterfoil.sql.notice;

import io.counterfoil.sql.limits.UsageLimit;

import java.time.Instant;
import java.util.Optional;

/**
 * That a key or an account crossed a threshold of a limit in a window. Of one notice everything stays as it is.
 *
 * @param limit with the quota that was crossed, which may be an override's
 * @param threshold percent of the quota
 */
public record Notice(Whose whose, String plan, UsageLimit limit, int threshold, long used, Times times) {
    /**
     * Whose use it is.
     *
     * @param externalId the account's, in the operator's own systems
     * @param key the key's label; empty: of all of the account's keys on the plan
     */
    public record Whose(String account, Optional<String> externalId, Optional<String> key) {}

    /**
     * When.
     *
     * @param asOf up to which what was used is counted
     * @param resetsAt the window's end
     */
    public record Times(Instant windowStart, Instant resetsAt, Instant asOf, Instant raised) {}
}
