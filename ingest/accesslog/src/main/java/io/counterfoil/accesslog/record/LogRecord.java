package io.counterfoil.accesslog.record;

/**
 * One line of the access log, read back.
 *
 * @param seq contiguous from 1 within the stream
 * @param tsMicros UTC, microseconds since 1970; when the request ended
 */
public record LogRecord(long seq, long tsMicros, RequestFacts facts) {
    public Outcome outcome() {
        return Outcome.of(facts.decision(), facts.status());
    }
}
