package io.counterfoil.sql.invoice;

import io.counterfoil.sql.SqlFile;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Recomputes the quantity of an invoice's line from usage, by SQL that anyone can run.
 *
 * @param measure requests, units or bytes_out
 * @param plan the version's number
 * @param key whose own subscription it is by; empty: the account's
 * @param hours that the line bills
 * @param routes as the charge names them
 * @param mergeNo the invoice's control_version
 */
public record LineQuery(
        String measure,
        long account,
        long plan,
        Optional<Long> key,
        InvoiceLine.Hours hours,
        CountedRoutes routes,
        long mergeNo) {
    private static final String QUANTITY = SqlFile.read("invoice/line-quantity.sql");
    private static final String HOURS = SqlFile.read("invoice/line-hours.sql");
    /** Not the second colon of a cast. */
    private static final Pattern PARAMETER = Pattern.compile("(?<![:\\w]):([a-z_]+)");

    /** Routes' names and patterns: only these (all, where there is none) and none of the others. */
    public record CountedRoutes(List<String> only, List<String> except) {
        public CountedRoutes {
            only = List.copyOf(only);
            except = List.copyOf(except);
        }
    }

    /**
     * What a line's hour is made of, in the line's measure.
     *
     * @param counted now
     * @param later what of it was counted after the invoice
     */
    public record HourOfLine(Instant hour, BigDecimal counted, BigDecimal later) {
        public BigDecimal onInvoice() {
            return counted.subtract(later);
        }
    }

    /** The statement that {@link #quantity} runs, with its values, as psql takes it. */
    public String text() {
        String statement =
                QUANTITY.lines().filter(line -> !line.startsWith("--")).collect(Collectors.joining("\n"));
        Map<String, Optional<String>> values = values();
        return PARAMETER
                        .matcher(statement)
                        .replaceAll(found -> Matcher.quoteReplacement(literal(values.get(found.group(1)))))
                        .strip()
                + ";";
    }

    private static String literal(Optional<String> value) {
        return value.map(text -> "'" + text.replace("'", "''") + "'").orElse("null");
    }

    public BigDecimal quantity(Handle handle) {
        return bound(handle, QUANTITY).mapTo(BigDecimal.class).one();
    }

    /** Those with usage, in order. */
    public List<HourOfLine> hours(Handle handle) {
        return bound(handle, HOURS)
                .map((row, context) -> new HourOfLine(
                        BillingRows.instant(row, "hour"), row.getBigDecimal("counted"), row.getBigDecimal("later")))
                .list();
    }

    private Query bound(Handle handle, String statement) {
        Query query = handle.createQuery(statement);
        values().forEach((name, value) -> query.bind(name, value.orElse(null)));
        return query;
    }

    /** As texts, which the statement casts: what is shown and what is run differ in nothing else. */
    private Map<String, Optional<String>> values() {
        Map<String, Optional<String>> values = new LinkedHashMap<>();
        values.put("measure", Optional.of(measure));
        values.put("account", Optional.of(Long.toString(account)));
        values.put("plan", Optional.of(Long.toString(plan)));
        values.put("own", Optional.of(Boolean.toString(key.isPresent())));
        values.put("key", key.map(String::valueOf));
        values.put("since", Optional.of(hours.since().toString()));
        values.put("until", Optional.of(hours.until().toString()));
        values.put("only", Optional.of(array(routes.only())));
        values.put("except", Optional.of(array(routes.except())));
        values.put("merge_no", Optional.of(Long.toString(mergeNo)));
        return values;
    }

    /** Of names that need no quotes: routes have none of an array's signs. */
    private static String array(List<String> names) {
        return "{" + String.join(",", names) + "}";
    }
}
