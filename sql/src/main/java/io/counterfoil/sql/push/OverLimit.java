package io.counterfoil.sql.push;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A limit that a key is over, and that warns or refuses.
 *
 * @param label of the key; public
 * @param sha256 of a text of the key that is valid now, 64 lower-case hex digits; empty where it has none
 * @param scope key or account
 * @param window hour, day or period
 * @param measure requests, units or bytes_out
 * @param action warn or refuse
 * @param quota that holds for the key, an override's where it has one
 * @param asOf what is used is known up to here; whole seconds
 * @param resetsAt the flag is void from here on, whether or not anyone says so; whole seconds
 */
public record OverLimit(
        long limitId,
        long keyId,
        String label,
        Optional<String> sha256,
        String scope,
        String window,
        String measure,
        String action,
        long quota,
        long used,
        Instant asOf,
        Instant resetsAt) {

    /** All of them at one version of what edges act on, in order of keys, secrets and limits. */
    public record All(long version, List<OverLimit> limits) {
        public All {
            limits = List.copyOf(limits);
        }
    }

    public boolean refuses() {
        return action.equals("refuse");
    }

    /** What clients know the limit by, as our own edge names it: {@code hour}, {@code period-bytes-account}. */
    public String name() {
        String unit = switch (measure) {
            case "units" -> "-units";
            case "bytes_out" -> "-bytes";
            default -> "";
        };
        return window + unit + (scope.equals("account") ? "-account" : "") + (refuses() ? "" : "-warn");
    }
}
