package io.counterfoil.schedules.cli;

import io.counterfoil.jobs.rating.Measure;
import io.counterfoil.jobs.rating.RateCard;
import io.counterfoil.jobs.rating.Routes;
import io.counterfoil.jobs.rating.Usage;
import io.counterfoil.jobs.rating.Usage.RouteMeasure;
import io.counterfoil.sql.OperatorException;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Usage as people write it for {@code price}. */
final class PricedUsage {
    /** The route of requests that matched none. */
    private static final String NO_ROUTE = "-";

    private PricedUsage() {}

    /**
     * Reads both options.
     *
     * @param plain {@code requests=1500000}
     * @param byRoute {@code search.text.requests=5000}: what is behind the last dot is the measure
     * @throws OperatorException category INPUT, naming the option, its value and what was expected
     */
    static Usage read(List<String> plain, List<String> byRoute) {
        Map<RouteMeasure, BigDecimal> quantities = new HashMap<>();
        for (String text : plain) {
            put(quantities, "--usage", text, NO_ROUTE, text);
        }
        for (String text : byRoute) {
            int equals = text.indexOf('=');
            int dot = equals < 0 ? -1 : text.lastIndexOf('.', equals);
            if (dot < 1) {
                throw OperatorException.input(
                        "--route-usage is '" + text + "', expected ROUTE.MEASURE=N, as in search.text.requests=5000");
            }
            String route = text.substring(0, dot);
            if (route.contains("*")) {
                throw OperatorException.input("--route-usage is '" + text
                        + "', expected the name of one route, not of a" + " group: search.text, not search.*");
            }
            // Refuses what no route is called.
            Routes named = new Routes(List.of(route), List.of());
            put(quantities, "--route-usage", text, named.only().get(0), text.substring(dot + 1));
        }
        return new Usage(quantities);
    }

    private static void put(
            Map<RouteMeasure, BigDecimal> quantities, String option, String text, String route, String assignment) {
        String[] sides = assignment.split("=", -1);
        Measure measure = Measure.named(sides[0])
                .filter(named -> sides.length == 2)
                .orElseThrow(() -> OperatorException.input(
                        option + " is '" + text + "', expected MEASURE=N where the measure is requests,"
                                + " units or bytes_out, as in requests=1500000"));
        if (quantities.put(new RouteMeasure(route, measure), measure.amount(sides[1])) != null) {
            throw OperatorException.input(
                    option + " says " + sides[0] + " twice, the second time '" + text + "', expected once");
        }
    }

    /** What no charge of the card counts, in the order of its text: {@code 5000 requests on search.text}. */
    static List<String> unpriced(Usage usage, RateCard card) {
        return usage.quantities().entrySet().stream()
                .filter(entry -> entry.getValue().signum() > 0)
                .filter(entry -> card.charges().stream()
                        .flatMap(charge -> charge.meter().stream())
                        .noneMatch(meter -> meter.measure() == entry.getKey().measure()
                                && meter.routes().matches(entry.getKey().route())))
                .map(entry -> entry.getValue().toPlainString() + " "
                        + entry.getKey().measure().text()
                        + (entry.getKey().route().equals(NO_ROUTE)
                                ? ""
                                : " on " + entry.getKey().route()))
                .sorted()
                .toList();
    }
}
