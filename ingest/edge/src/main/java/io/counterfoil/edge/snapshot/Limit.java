package io.counterfoil.edge.snapshot;

import io.counterfoil.sql.limits.UsageLimit;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/**
 * A limit of a plan.
 *
 * @param ofAccount all of an account's keys on the plan use it together; else each key for itself
 * @param window hour, day or period
 * @param measure requests, units or bytes_out
 */
public record Limit(
        long limitId, long planId, boolean ofAccount, String window, String measure, long quota, FlagAction action) {
    private static final int HOUR_SECONDS = 3600;
    private static final int DAY_SECONDS = 86_400;

    /** As people write it: {@code 1000/hour}. */
    public String text(long ofQuota) {
        return UsageLimit.text(ofQuota, measure, window);
    }

    /** Who uses it: the key or its account. */
    long subject(long keyId, long accountId) {
        return ofAccount ? accountId : keyId;
    }

    /** What clients know it by, unique within a plan: {@code hour}, {@code period-bytes-account}. */
    public String name() {
        return window
                + switch (measure) {
                    case "units" -> "-units";
                    case "bytes_out" -> "-bytes";
                    default -> "";
                }
                + (ofAccount ? "-account" : "")
                + (action == FlagAction.WARN ? "-warn" : "");
    }

    /** 0 where windows are not all of one length. */
    public int windowSeconds() {
        return switch (window) {
            case "hour" -> HOUR_SECONDS;
            case "day" -> DAY_SECONDS;
            default -> 0;
        };
    }

    /** The beginning of the window that holds that time, by its name: in UTC. */
    public static Instant windowStart(String window, Instant at) {
        return switch (window) {
            case "hour" -> at.truncatedTo(ChronoUnit.HOURS);
            case "day" -> at.truncatedTo(ChronoUnit.DAYS);
            default -> month(at).toInstant();
        };
    }

    /** The end of the window that holds that time, exclusive. */
    public static Instant windowEnd(String window, Instant at) {
        return switch (window) {
            case "hour" -> windowStart(window, at).plus(1, ChronoUnit.HOURS);
            case "day" -> windowStart(window, at).plus(1, ChronoUnit.DAYS);
            default -> month(at).plusMonths(1).toInstant();
        };
    }

    private static OffsetDateTime month(Instant at) {
        return at.atOffset(ZoneOffset.UTC).truncatedTo(ChronoUnit.DAYS).withDayOfMonth(1);
    }

    /** Whether those who call are told of it; of one that only notifies its owner they are not. */
    public boolean isTold() {
        return action != FlagAction.NOTIFY;
    }
}
