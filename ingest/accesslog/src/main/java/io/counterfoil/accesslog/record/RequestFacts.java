package io.counterfoil.accesslog.record;

import java.util.Objects;

/**
 * What is known of one request when its record is appended. The log adds sequence and time.
 *
 * @param keyId the key's number; 0 where the request carried no valid key
 * @param route configured name of the route, {@code -} where none matched
 * @param method as received; escaped and cut to 32 bytes by the encoder
 * @param status as sent; 499 only where the client left before the head
 * @param bytesIn body bytes received
 * @param bytesOut body bytes handed over
 * @param durationMicros from the request's first byte to the append
 * @param units 1, or what the route or the origin says the request weighs
 * @param requestId as received where sane, else empty; cut to 64 bytes
 * @param client empty, or a prefix of the client's address
 * @param path without query; escaped, masked and cut to 256 bytes by the encoder
 */
public record RequestFacts(
        long keyId,
        String route,
        String method,
        int status,
        long bytesIn,
        long bytesOut,
        long durationMicros,
        long units,
        Decision decision,
        String requestId,
        String client,
        String path) {
    public RequestFacts {
        notNegative("key_id", keyId);
        notNegative("bytes_in", bytesIn);
        notNegative("bytes_out", bytesOut);
        notNegative("duration_us", durationMicros);
        notNegative("units", units);
        if (status < 100 || status > 999) {
            throw new IllegalArgumentException("status is " + status + ", expected 100 to 999");
        }
        Objects.requireNonNull(route, "route");
        Objects.requireNonNull(method, "method");
        Objects.requireNonNull(decision, "decision");
        Objects.requireNonNull(requestId, "requestId");
        Objects.requireNonNull(client, "client");
        Objects.requireNonNull(path, "path");
    }

    /** The same request, of that key. */
    public RequestFacts withKeyId(long id) {
        return new RequestFacts(
                id, route, method, status, bytesIn, bytesOut, durationMicros, units, decision, requestId, client, path);
    }

    private static void notNegative(String what, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(what + " is " + value + ", expected 0 or more");
        }
    }
}
