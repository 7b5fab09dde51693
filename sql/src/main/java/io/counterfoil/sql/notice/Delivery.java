package io.counterfoil.sql.notice;

import java.time.Instant;

/**
 * A notice on its way to a target, in the hands of whoever claimed it.
 *
 * @param messageId the same at every attempt: what its receiver knows a repeat by
 * @param attempt from 1
 * @param claimedUntil from then on another may send it; in the database's precision, where it says whose claim it is
 */
public record Delivery(long id, String messageId, int attempt, Instant claimedUntil, Target target, Notice notice) {}
