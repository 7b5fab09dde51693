package io.counterfoil.jobs.source;

import io.counterfoil.accesslog.seal.RecordRange;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.Literal;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.filter.And;
import org.apache.spark.sql.connector.expressions.filter.Predicate;

/**
 * Which times a condition may let through; what cannot be told from it lets all through. UTC microseconds, both ends included.
 */
record TimeRange(long fromMicros, long toMicros) {
    static final TimeRange ALL = new TimeRange(Long.MIN_VALUE, Long.MAX_VALUE);
    private static final long HOUR_MICROS = 3_600_000_000L;

    static TimeRange of(Predicate[] conditions) {
        TimeRange range = ALL;
        for (Predicate condition : conditions) {
            range = range.and(of(condition));
        }
        return range;
    }

    private static TimeRange of(Predicate condition) {
        if (condition instanceof And and) {
            return of(and.left()).and(of(and.right()));
        }
        Expression[] sides = condition.children();
        if (sides.length != 2) {
            return ALL;
        }
        if (sides[1] instanceof NamedReference) {
            return of(flipped(condition.name()), sides[1], sides[0]);
        }
        return of(condition.name(), sides[0], sides[1]);
    }

    private static String flipped(String operator) {
        return switch (operator) {
            case "<" -> ">";
            case "<=" -> ">=";
            case ">" -> "<";
            case ">=" -> "<=";
            default -> operator;
        };
    }

    /** Ends that do not belong to it are let in: a seal's range is coarse anyway. */
    private static TimeRange of(String operator, Expression left, Expression right) {
        // Both columns' literals are microseconds.
        if (!(left instanceof NamedReference column)
                || !(right instanceof Literal<?> literal)
                || !(literal.value() instanceof Long micros)) {
            return ALL;
        }
        String name = String.join(".", column.fieldNames());
        boolean hour = name.equals(AccessLogColumn.HOUR.text());
        if (!hour && !name.equals(AccessLogColumn.TS_US.text())) {
            return ALL;
        }
        // An hour's records end an hour later.
        long last = hour ? micros + HOUR_MICROS : micros;
        return switch (operator) {
            case "=", "<=>" -> new TimeRange(micros, last);
            case ">", ">=" -> new TimeRange(micros, Long.MAX_VALUE);
            case "<", "<=" -> new TimeRange(Long.MIN_VALUE, last);
            default -> ALL;
        };
    }

    private TimeRange and(TimeRange other) {
        return new TimeRange(Math.max(fromMicros, other.fromMicros), Math.min(toMicros, other.toMicros));
    }

    boolean touches(RecordRange records) {
        return records.count() > 0 && records.lastMicros() >= fromMicros && records.firstMicros() <= toMicros;
    }
}
