package io.counterfoil.jobs.imports;

import java.util.Optional;

/**
 * One request as a foreign log tells it.
 *
 * @param tsMicros UTC microseconds since 1970, from the line's own time and offset
 * @param key what the line says of who called, in the field that was asked for; empty where it says nothing
 * @param path without query; {@code -} where the line has none
 * @param bytesOut body bytes sent; 0 where the line has none
 * @param durationMicros 0 where the line has none
 */
record ForeignRequest(
        long tsMicros,
        Optional<String> key,
        String method,
        String path,
        int status,
        long bytesOut,
        long durationMicros) {

    /** Never the key: it may be a secret. */
    @Override
    public String toString() {
        return "ForeignRequest[tsMicros=" + tsMicros + ", " + method + ", status=" + status + "]";
    }
}
