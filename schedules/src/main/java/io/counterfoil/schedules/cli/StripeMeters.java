package io.counterfoil.schedules.cli;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.export.StripeStore;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which measure is sent under which event's name, as typed: {@code requests=api_requests}. */
final class StripeMeters {
    private static final Pattern METER = Pattern.compile("(requests|units|bytes_out)=([!-~]{1,100})");

    private StripeMeters() {}

    /** @throws OperatorException category INPUT where one is not of that form, or a name stands twice */
    static List<StripeStore.Meter> read(List<String> options) {
        List<StripeStore.Meter> meters = new ArrayList<>();
        for (String option : options) {
            Matcher matcher = METER.matcher(option);
            if (!matcher.matches()) {
                throw OperatorException.input(
                        "--meter is '" + option
                                + "', expected MEASURE=EVENT: requests, units or bytes_out, and the meter's event name at Stripe");
            }
            StripeStore.Meter meter = new StripeStore.Meter(matcher.group(1), matcher.group(2));
            if (meters.stream().anyMatch(other -> other.event().equals(meter.event()))) {
                throw OperatorException.input("--meter names the event '" + meter.event() + "' twice, expected once");
            }
            meters.add(meter);
        }
        return meters;
    }
}
