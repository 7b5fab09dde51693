package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.record.RequestFacts;

import java.util.Optional;

/**
 * One request as a foreign log tells it.
 *
 * @param tsMicros UTC microseconds since 1970, from the line's own time and offset
 * @param key what the line says of who called, in the field that was asked for; empty where it says nothing
 * @param facts all else; the key's number is not known yet
 */
record ForeignRequest(long tsMicros, Optional<String> key, RequestFacts facts) {
    /** What is to be appended once it is known whose key that is. */
    RequestFacts ofKey(long keyId) {
        return new RequestFacts(
                keyId,
                facts.route(),
                facts.method(),
                facts.status(),
                facts.bytesIn(),
                facts.bytesOut(),
                facts.durationMicros(),
                facts.units(),
                facts.decision(),
                facts.requestId(),
                facts.client(),
                facts.path());
    }

    /** Never the key: it may be a secret. */
    @Override
    public String toString() {
        return "ForeignRequest[tsMicros=" + tsMicros + ", " + facts.method() + ", status=" + facts.status() + "]";
    }
}
