package io.counterfoil.edge.usage;

import io.counterfoil.edge.snapshot.Flag;
import io.counterfoil.edge.snapshot.Limit;
import io.counterfoil.edge.snapshot.Standing;
import io.counterfoil.sql.usage.KeyUsage;
import io.counterfoil.sql.usage.KeyUsage.LimitUse;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What one caller is told.
 *
 * @param source how much is known
 * @param now when it is told
 */
public record UsageAnswer(KeyUsage usage, Source source, Instant now) {
    /** How much of a key's use is known. */
    public enum Source {
        /** Everything that is counted. */
        COUNTED,
        /** The database does not answer: what was last read of it. */
        LAST_KNOWN,
        /** The database does not answer, and was not asked for the key before: the limits alone, with what the edge knows of them. */
        LIMITS_ONLY;

        /** As the answer writes it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Of what is known of a key's use, and how it stands towards its limits by the edge's snapshot. */
    public static UsageAnswer of(UsageFigures.Known known, Standing standing, Instant now) {
        if (known.usage().isEmpty()) {
            return new UsageAnswer(limitsOnly(standing, now), Source.LIMITS_ONLY, now);
        }
        KeyUsage usage = known.usage().get();
        if (known.current()) {
            return new UsageAnswer(usage, Source.COUNTED, now);
        }
        List<LimitUse> limits = usage.limits().stream()
                .map(limit -> inPresentWindow(limit, now))
                .toList();
        KeyUsage last = new KeyUsage(
                usage.label(),
                usage.account(),
                usage.plan(),
                usage.asOf(),
                limits,
                usage.hours(),
                usage.period().filter(period -> now.isBefore(period.end())));
        return new UsageAnswer(last, Source.LAST_KNOWN, now);
    }

    /** Of a window that has passed since, nothing is known any more. */
    private static LimitUse inPresentWindow(LimitUse limit, Instant now) {
        return now.isBefore(limit.resetsAt())
                ? limit
                : new LimitUse(
                        limit.scope(),
                        limit.window(),
                        limit.measure(),
                        limit.action(),
                        limit.quota(),
                        OptionalLong.empty(),
                        Limit.windowStart(limit.window(), now),
                        Limit.windowEnd(limit.window(), now));
    }

    private static KeyUsage limitsOnly(Standing standing, Instant now) {
        List<LimitUse> limits = standing.quotas().stream()
                .map(quota -> limit(quota, standing, now))
                .toList();
        Optional<Instant> asOf =
                standing.used().stream().map(used -> used.flag().asOf()).max(Instant::compareTo);
        return new KeyUsage(
                Optional.empty(), Optional.empty(), Optional.empty(), asOf, limits, List.of(), Optional.empty());
    }

    private static LimitUse limit(Standing.Quota quota, Standing standing, Instant now) {
        Limit limit = quota.limit();
        Optional<Flag> flag = standing.used().stream()
                .filter(used -> used.limit().limitId() == limit.limitId())
                .map(Standing.Used::flag)
                .findFirst();
        return new LimitUse(
                limit.ofAccount() ? "account" : "key",
                limit.window(),
                limit.measure(),
                limit.action().toString().toLowerCase(Locale.ROOT),
                quota.quota(),
                flag.map(known -> OptionalLong.of(known.used())).orElse(OptionalLong.empty()),
                flag.map(Flag::windowStart).orElseGet(() -> Limit.windowStart(limit.window(), now)),
                flag.map(Flag::resetsAt).orElseGet(() -> Limit.windowEnd(limit.window(), now)));
    }
}
