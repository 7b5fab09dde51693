package io.counterfoil.sql.invoice;

import java.time.Instant;
import java.util.Optional;

/**
 * Whose usage is asked for, by which version of a plan, in which hours.
 *
 * @param bill the asker's number of what is billed together
 * @param segment the asker's number within it
 * @param key whose own subscription it is by; empty: the account's, and so the usage of its keys without one
 * @param until exclusive
 */
public record BilledSegment(
        int bill, int segment, long accountId, Optional<Long> key, long planId, Instant since, Instant until) {}
