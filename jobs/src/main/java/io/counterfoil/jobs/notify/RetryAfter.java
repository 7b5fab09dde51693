package io.counterfoil.jobs.notify;

import org.apache.hc.client5.http.utils.DateUtils;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.MessageHeaders;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The {@code Retry-After} field (RFC 9110, 10.2.3): seconds, or a date. */
public final class RetryAfter {
    private RetryAfter() {}

    /** How long to wait from now on; empty where the response does not say, or a date has passed. */
    public static Optional<Duration> of(MessageHeaders response, Instant now) {
        return Optional.ofNullable(response.getFirstHeader("Retry-After"))
                .map(Header::getValue)
                .flatMap(value -> of(value.strip(), now));
    }

    private static Optional<Duration> of(String value, Instant now) {
        if (value.matches("\\d{1,9}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
        }
        return Optional.ofNullable(DateUtils.parseStandardDate(value))
                .map(date -> Duration.between(now, date))
                .filter(time -> !time.isNegative());
    }
}
