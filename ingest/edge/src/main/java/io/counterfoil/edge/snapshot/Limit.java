package io.counterfoil.edge.snapshot;

import io.counterfoil.sql.limits.UsageLimit;

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

    /** Whether those who call are told of it; of one that only notifies its owner they are not. */
    public boolean isTold() {
        return action != FlagAction.NOTIFY;
    }
}
