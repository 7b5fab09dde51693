package io.counterfoil.jobs.source;

import io.counterfoil.accesslog.seal.RecordRange;
import org.apache.spark.sql.sources.And;
import org.apache.spark.sql.sources.EqualTo;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.sources.GreaterThan;
import org.apache.spark.sql.sources.GreaterThanOrEqual;
import org.apache.spark.sql.sources.LessThan;
import org.apache.spark.sql.sources.LessThanOrEqual;

import java.sql.Timestamp;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.OptionalLong;

/**
 * Which times a condition may let through; what cannot be told from it lets all through. UTC microseconds, both ends included.
 */
record TimeRange(long fromMicros, long toMicros) {
    static final TimeRange ALL = new TimeRange(Long.MIN_VALUE, Long.MAX_VALUE);
    private static final long HOUR_MICROS = 3_600_000_000L;

    static TimeRange of(Filter[] filters) {
        TimeRange range = ALL;
        for (Filter filter : filters) {
            range = range.and(of(filter));
        }
        return range;
    }

    private static TimeRange of(Filter filter) {
        if (filter instanceof And and) {
            return of(and.left()).and(of(and.right()));
        } else if (filter instanceof EqualTo equal) {
            return between(equal.attribute(), equal.value(), equal.value());
        } else if (filter instanceof GreaterThan greater) {
            return between(greater.attribute(), greater.value(), null);
        } else if (filter instanceof GreaterThanOrEqual greater) {
            return between(greater.attribute(), greater.value(), null);
        } else if (filter instanceof LessThan less) {
            return between(less.attribute(), null, less.value());
        } else if (filter instanceof LessThanOrEqual less) {
            return between(less.attribute(), null, less.value());
        }
        return ALL;
    }

    /** Ends that do not belong to it are let in: a seal's range is coarse anyway. */
    private static TimeRange between(String column, Object from, Object to) {
        boolean hour = column.equals(AccessLogColumn.HOUR.text());
        if (!hour && !column.equals(AccessLogColumn.TS_US.text())) {
            return ALL;
        }
        OptionalLong first = micros(from);
        OptionalLong last = micros(to);
        return new TimeRange(
                first.orElse(Long.MIN_VALUE),
                // An hour's records end an hour later.
                last.isEmpty() ? Long.MAX_VALUE : last.getAsLong() + (hour ? HOUR_MICROS : 0));
    }

    private static OptionalLong micros(Object value) {
        if (value instanceof Timestamp timestamp) {
            return micros(timestamp.toInstant());
        } else if (value instanceof Instant instant) {
            return OptionalLong.of(ChronoUnit.MICROS.between(Instant.EPOCH, instant));
        } else if (value instanceof Long number) {
            return OptionalLong.of(number);
        }
        return OptionalLong.empty();
    }

    private TimeRange and(TimeRange other) {
        return new TimeRange(Math.max(fromMicros, other.fromMicros), Math.min(toMicros, other.toMicros));
    }

    boolean touches(RecordRange records) {
        return records.count() > 0 && records.lastMicros() >= fromMicros && records.firstMicros() <= toMicros;
    }
}
