package io.counterfoil.accesslog.log;

import java.time.Instant;
import java.time.InstantSource;

/** The wall clock in UTC microseconds since 1970. */
@FunctionalInterface
public interface MicroClock {
    long micros();

    static MicroClock of(InstantSource source) {
        return () -> {
            Instant now = source.instant();
            return now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
        };
    }
}
