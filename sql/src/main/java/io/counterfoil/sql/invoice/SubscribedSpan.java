package io.counterfoil.sql.invoice;

import java.time.Instant;
import java.util.Optional;

/**
 * Hours in which a version of a plan is in force.
 *
 * @param key whose own subscription it is; empty: the account's
 * @param until exclusive
 */
public record SubscribedSpan(long accountId, Optional<KeyName> key, long planId, Instant since, Instant until) {
    /** A key by its number and public label. */
    public record KeyName(long keyId, String label) {}
}
