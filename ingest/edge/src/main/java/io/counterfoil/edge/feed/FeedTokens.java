package io.counterfoil.edge.feed;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.sql.OperatorException;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/** What readers of the feed show. Several at once, so that they can be exchanged one by one; only their hashes are kept. */
public final class FeedTokens {
    /** The environment's name for them. */
    public static final String VARIABLE = "COUNTERFOIL_FEED_TOKENS";

    private static final int MIN_CHARACTERS = 24;
    private static final String BEARER = "Bearer ";

    private final List<byte[]> hashes;

    private FeedTokens(List<byte[]> hashes) {
        this.hashes = hashes;
    }

    /**
     * Reads them.
     *
     * @param text with commas between; empty: there are none
     * @throws OperatorException category INPUT where one is too short to be a secret; it is not repeated
     */
    public static FeedTokens parse(String text) {
        List<byte[]> hashes = new ArrayList<>();
        for (String token : text.split(",", -1)) {
            if (!token.isBlank()) {
                if (token.strip().length() < MIN_CHARACTERS) {
                    throw OperatorException.input(VARIABLE + " has a token of "
                            + token.strip().length() + " characters, expected at least " + MIN_CHARACTERS
                            + ", as openssl rand -hex 32 makes");
                }
                hashes.add(hash(token.strip()));
            }
        }
        return new FeedTokens(hashes);
    }

    boolean isEmpty() {
        return hashes.isEmpty();
    }

    /** Whether the value of {@code Authorization} (or null) names one; takes as long whichever it is. */
    boolean allow(String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return false;
        }
        byte[] given = hash(authorization.substring(BEARER.length()).strip());
        boolean found = false;
        for (byte[] hash : hashes) {
            found |= MessageDigest.isEqual(hash, given);
        }
        return found;
    }

    private static byte[] hash(String token) {
        return Digests.sha256().digest(token.getBytes(StandardCharsets.UTF_8));
    }
}
