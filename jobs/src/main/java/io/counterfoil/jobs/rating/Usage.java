package io.counterfoil.jobs.rating;

import io.counterfoil.sql.OperatorException;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;

/** Billable usage by route and measure. Exact: bytes may be beyond 2^63. */
public record Usage(Map<RouteMeasure, BigDecimal> quantities) {
    public static final Usage NONE = new Usage(Map.of());

    /** Of which a quantity is; the route {@code -} is that of requests that matched none. */
    public record RouteMeasure(String route, Measure measure) {}

    /** @throws OperatorException category INPUT where a quantity is below 0: what came late is rated anew, never subtracted */
    public Usage {
        Map<RouteMeasure, BigDecimal> plain = new HashMap<>();
        quantities.forEach((of, quantity) -> {
            plain.put(of, ExactNumber.plain(quantity));
            if (quantity.signum() < 0) {
                throw OperatorException.input("usage of " + of.measure().text() + " on route " + of.route() + " is '"
                        + quantity.toPlainString() + "', expected 0 or more");
            }
        });
        quantities = Map.copyOf(plain);
    }

    public static Usage of(String route, Measure measure, BigDecimal quantity) {
        return new Usage(Map.of(new RouteMeasure(route, measure), quantity));
    }

    public Usage plus(Usage other) {
        Map<RouteMeasure, BigDecimal> sums = new HashMap<>(quantities);
        other.quantities.forEach((of, quantity) -> sums.merge(of, quantity, BigDecimal::add));
        return new Usage(sums);
    }

    /** What a meter counts of it. */
    public BigDecimal counted(Meter meter) {
        return quantities.entrySet().stream()
                .filter(entry -> entry.getKey().measure() == meter.measure()
                        && meter.routes().matches(entry.getKey().route()))
                .map(Map.Entry::getValue)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }
}
