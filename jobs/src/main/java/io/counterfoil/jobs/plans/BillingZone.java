package io.counterfoil.jobs.plans;

import io.counterfoil.sql.OperatorException;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;

/**
 * A time zone in which billing periods begin. Usage is summed by the hour of UTC, so its offsets are whole hours, from 2020 to 2100 as
 * far as this Java's time zone data says.
 */
public record BillingZone(ZoneId id) {
    public static final BillingZone UTC = new BillingZone(ZoneId.of("UTC"));

    private static final Instant FROM = Instant.parse("2020-01-01T00:00:00Z");
    private static final Instant TO = Instant.parse("2100-01-01T00:00:00Z");
    private static final int HOUR_SECONDS = 3600;

    /** @throws OperatorException category INPUT where an offset of the zone is no whole number of hours */
    public BillingZone {
        ZoneRules rules = id.getRules();
        check(id, rules.getOffset(FROM), FROM);
        ZoneOffsetTransition next = rules.nextTransition(FROM);
        while (next != null && next.getInstant().isBefore(TO)) {
            check(id, next.getOffsetAfter(), next.getInstant());
            next = rules.nextTransition(next.getInstant());
        }
    }

    /** @throws OperatorException category INPUT where there is no such IANA zone, or its offsets are no whole hours */
    public static BillingZone named(String name) {
        // Some of what Java knows beside is no zone of IANA's.
        if (!ZoneId.getAvailableZoneIds().contains(name) || name.startsWith("SystemV/")) {
            throw OperatorException.input(
                    "time zone is '" + name + "', expected one of the IANA time zones, as Europe/Berlin or UTC");
        }
        return new BillingZone(ZoneId.of(name));
    }

    private static void check(ZoneId id, ZoneOffset offset, Instant since) {
        if (offset.getTotalSeconds() % HOUR_SECONDS != 0) {
            throw OperatorException.input("time zone is '" + id + "', whose offset is " + offset + " (at " + since
                    + "), expected one whose offsets are whole hours, as Europe/Berlin or UTC: usage is summed by the hour"
                    + " of UTC, and a day of that zone begins within one");
        }
    }

    public String name() {
        return id.getId();
    }
}
