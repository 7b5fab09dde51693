package io.counterfoil.edge.snapshot;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How a key stands towards its limits, as far as is known. Immutable.
 *
 * @param quotas of each limit that clients are told of
 * @param used those of which much is used, in the order of the plan's limits
 * @param over of those whose quota is used up the one whose action is sternest; of equally stern ones the last to reset. Empty where
 *     none is
 * @param policy the value of {@code RateLimit-Policy}, by draft-ietf-httpapi-ratelimit-headers-10: {@code "hour";q=1000;w=3600}; empty
 *     where there is no limit to tell. The same object for all keys of a plan without overrides and flags
 */
public record Standing(List<Quota> quotas, List<Used> used, Optional<Used> over, String policy) {
    /** Of who has no limit, or no valid key. */
    public static final Standing NONE = new Standing(List.of(), List.of(), Optional.empty(), "");

    private static final long MAX_INTEGER = 999_999_999_999_999L;

    private static String policy(Quota quota) {
        Limit limit = quota.limit();
        String unit = switch (limit.measure()) {
            case "bytes_out" -> ";qu=\"content-bytes\"";
            case "units" -> ";qu=\"counterfoil-units\"";
            default -> "";
        };
        String window = limit.windowSeconds() == 0 ? "" : ";w=" + limit.windowSeconds();
        return '"' + limit.name() + "\";q=" + integer(quota.quota()) + unit + window;
    }

    /** RFC 9651, 3.3.1: an integer has at most 15 digits. */
    public static long integer(long value) {
        return Math.min(value, MAX_INTEGER);
    }

    /** A limit with the quota that holds for the key. */
    public record Quota(Limit limit, long quota) {}

    /** A limit of which at least half is used. */
    public record Used(Limit limit, Flag flag) {
        /** Whether that much of the quota is used. */
        public boolean isFrom(int percent) {
            return flag.used() * 100.0 >= (double) flag.quota() * percent;
        }

        /** As people write it, with the quota that holds: {@code 1000/hour}. */
        public String text() {
            return limit.text(flag.quota());
        }
    }

    static Standing of(List<Quota> quotas, List<Used> used) {
        Used over = null;
        for (Used each : used) {
            if (each.flag().over() && (over == null || isSterner(each, over))) {
                over = each;
            }
        }
        List<Quota> told = quotas.stream().filter(each -> each.limit().isTold()).toList();
        String policy = told.stream().map(Standing::policy).collect(Collectors.joining(", "));
        return told.isEmpty() && used.isEmpty()
                ? NONE
                : new Standing(told, List.copyOf(used), Optional.ofNullable(over), policy);
    }

    private static boolean isSterner(Used one, Used other) {
        int byAction = one.limit().action().compareTo(other.limit().action());
        return byAction > 0
                || (byAction == 0 && one.flag().resetsAt().isAfter(other.flag().resetsAt()));
    }
}
