package io.counterfoil.edge.admission;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.edge.snapshot.CurrentSnapshot;
import io.counterfoil.edge.snapshot.Snapshot;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.DigestException;
import java.security.MessageDigest;
import java.time.InstantSource;

/**
 * Admits by key, from memory alone. The key's text is hashed and forgotten: it goes into no message, record or field that outlives
 * the call. Not thread-safe: one per event loop.
 */
public final class KeyGate {
    /** Longer ones are never valid. */
    static final int MAX_KEY_BYTES = 512;

    private static final int HASH_BYTES = 32;
    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final CurrentSnapshot current;
    private final InstantSource clock;
    private final MessageDigest sha256 = Digests.sha256();
    private final byte[] text = new byte[MAX_KEY_BYTES];
    private final byte[] hash = new byte[HASH_BYTES];

    public KeyGate(CurrentSnapshot current, InstantSource clock) {
        this.current = current;
        this.clock = clock;
    }

    /**
     * Decides by the request's headers. No key, two different ones and an unknown one are all the same: unauthorized.
     *
     * @param authorization the header's value, or null; only {@code Bearer KEY} counts
     * @param apiKey the value of {@code X-API-Key}, or null
     */
    public Admission admit(String authorization, String apiKey) {
        String bearer = bearer(authorization);
        String key = bearer.isEmpty() && apiKey != null ? apiKey.strip() : bearer;
        boolean twoKeys = apiKey != null && !apiKey.strip().equals(key);
        if (key.isEmpty() || key.length() > MAX_KEY_BYTES || twoKeys) {
            return Admission.UNAUTHORIZED;
        }
        return admit(current.get(), key);
    }

    private Admission admit(Snapshot snapshot, String key) {
        hash(key);
        long keyId = snapshot.keyId(word(0), word(8), word(16), word(24));
        if (keyId == 0) {
            return Admission.UNAUTHORIZED;
        }
        if (!snapshot.isFlagged(keyId)) {
            return Admission.admitted(keyId);
        }
        return snapshot.flag(keyId, clock.instant())
                .map(flag -> Admission.flagged(keyId, flag))
                .orElseGet(() -> Admission.admitted(keyId));
    }

    private static String bearer(String authorization) {
        String scheme = "Bearer ";
        return authorization != null && authorization.regionMatches(true, 0, scheme, 0, scheme.length())
                ? authorization.substring(scheme.length()).strip()
                : "";
    }

    /** A header's characters are its bytes as they came (ISO-8859-1), so this hashes what the client sent, UTF-8 or not. */
    private void hash(String key) {
        int length = key.length();
        for (int i = 0; i < length; i++) {
            text[i] = (byte) key.charAt(i);
        }
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
