package io.counterfoil.sql.export;

import java.math.BigDecimal;
import java.time.Instant;

/**
 * Usage of an account that cannot be sent, for one reason.
 *
 * @param first the first hour of it
 * @param last the last hour of it
 * @param used billable in these hours
 * @param sent of these hours, before
 */
public record StripeFault(
        Reason reason,
        String account,
        String event,
        Instant first,
        Instant last,
        long hours,
        BigDecimal used,
        BigDecimal sent) {
    /** Why. */
    public enum Reason {
        /** Less is billable than was sent: what was sent cannot be taken back. */
        LESS,
        /** The account has no external id, which would be the customer's at Stripe. */
        NO_EXTERNAL_ID,
        /** Stripe takes nothing of it any more. */
        TOO_OLD,
        /** Stripe takes nothing of it yet. */
        AHEAD,
        /** It is more than Stripe takes as one value. */
        TOO_LARGE;

        static Reason of(String text) {
            return switch (text) {
                case "less" -> LESS;
                case "no external id" -> NO_EXTERNAL_ID;
                case "too old" -> TOO_OLD;
                case "ahead" -> AHEAD;
                case "too large" -> TOO_LARGE;
                default -> throw new IllegalArgumentException(text);
            };
        }
    }
}
