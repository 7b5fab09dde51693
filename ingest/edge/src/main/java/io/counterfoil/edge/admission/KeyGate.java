package io.counterfoil.edge.admission;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.edge.snapshot.CurrentSnapshot;
import io.counterfoil.edge.snapshot.Snapshot;
import io.counterfoil.sql.account.ApiKeyText;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.DigestException;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.Arrays;

/**
 * Admits by key, from memory alone. The key's text is hashed and forgotten: it goes into no message, record or field that outlives
 * the call. Not thread-safe: one per event loop.
 */
public final class KeyGate {
    /** Longer ones are never valid. */
    static final int MAX_KEY_BYTES = ApiKeyText.MAX_BYTES;

    private static final int HASH_BYTES = 32;
    private static final String BEARER = "Bearer ";
    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final CurrentSnapshot current;
    private final InstantSource clock;
    private final MessageDigest sha256 = Digests.sha256();
    private final byte[] text = new byte[MAX_KEY_BYTES];
    private final byte[] second = new byte[MAX_KEY_BYTES];
    private final byte[] hash = new byte[HASH_BYTES];

    public KeyGate(CurrentSnapshot current, InstantSource clock) {
        this.current = current;
        this.clock = clock;
    }

    /**
     * Decides by the request's headers. No key, two different ones, an unknown, a disabled and an expired one are all the same:
     * unauthorized. Allocates nothing but the answer.
     *
     * @param authorization the header's value, or null; only {@code Bearer KEY} counts
     * @param apiKey the value of {@code X-API-Key}, or null
     */
    public Admission admit(String authorization, String apiKey) {
        int bearerLength = authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? copy(authorization, BEARER.length(), text)
                : 0;
        if (bearerLength < 0) {
            return Admission.UNAUTHORIZED;
        }
        int length = bearerLength;
        if (apiKey != null) {
            byte[] into = bearerLength == 0 ? text : second;
            length = copy(apiKey, 0, into);
            if (bearerLength != 0 && !Arrays.equals(text, 0, bearerLength, second, 0, Math.max(0, length))) {
                return Admission.UNAUTHORIZED;
            }
        }
        return length > 0 ? admit(current.get(), length) : Admission.UNAUTHORIZED;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    /**
     * A header's characters are its bytes as they came (ISO-8859-1), so this copies what the client sent, UTF-8 or not, without
     * blanks around it; returns how much, or -1 where it is longer than any key.
     */
    private static int copy(String header, int from, byte[] into) {
        int start = from;
        int end = header.length();
        while (start < end && isBlank(header.charAt(start))) {
            start++;
        }
        while (end > start && isBlank(header.charAt(end - 1))) {
            end--;
        }
        if (end - start > MAX_KEY_BYTES) {
            return -1;
        }
        for (int i = start; i < end; i++) {
            into[i - start] = (byte) header.charAt(i);
        }
        return end - start;
    }

    private Admission admit(Snapshot snapshot, int length) {
        hash(length);
        long found = snapshot.find(word(0), word(8), word(16), word(24));
        if (found < 0 || !snapshot.holds(found, clock)) {
            return Admission.UNAUTHORIZED;
        }
        return Admission.of(
                snapshot.keyId(found),
                snapshot.accountId(found),
                snapshot.standing(found, clock),
                snapshot.scopes(found));
    }

    private void hash(int length) {
        try {
            sha256.update(text, 0, length);
            sha256.digest(hash, 0, HASH_BYTES);
        } catch (DigestException e) {
            throw new IllegalStateException("a SHA-256 has " + HASH_BYTES + " bytes", e);
        }
    }

    private long word(int at) {
        return (long) WORD.get(hash, at);
    }
}
