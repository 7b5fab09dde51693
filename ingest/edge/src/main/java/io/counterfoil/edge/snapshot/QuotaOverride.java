package io.counterfoil.edge.snapshot;

import java.time.Instant;
import java.util.Optional;

/**
 * Another quota for a key or an account, in place of that of limits of this window, measure and action.
 *
 * @param keyId 0 where it is an account's
 * @param accountId 0 where it is a key's
 * @param action empty: of any action
 * @param until void from here on, whether or not anyone says so; {@link Instant#MAX}: until it is ended
 */
record QuotaOverride(
        long overrideId,
        long keyId,
        long accountId,
        String window,
        String measure,
        Optional<FlagAction> action,
        long quota,
        Instant until) {
    boolean isOf(Limit limit, Instant now) {
        return limit.window().equals(window)
                && limit.measure().equals(measure)
                && action.map(limit.action()::equals).orElse(true)
                && (keyId == 0 || !limit.ofAccount())
                && now.isBefore(until);
    }
}
