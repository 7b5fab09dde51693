package io.counterfoil.sql.account;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.zip.CRC32;

/**
 * A new API key: {@code cfk_live_<id>_<secret>}. The id is public (8 characters); the secret is 256 random bits in 43 base-62
 * characters and 6 more of a CRC-32 over all before them, so that secret scanners can tell a key from chance. Only its
 * SHA-256 is ever stored.
 */
public final class ApiKeyText {
    private static final String BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int ID_CHARACTERS = 8;
    private static final int SECRET_CHARACTERS = 43;
    private static final int CHECK_CHARACTERS = 6;

    private final String publicPart;
    private final String text;

    private ApiKeyText(String publicPart, String text) {
        this.publicPart = publicPart;
        this.text = text;
    }

    public static ApiKeyText generate(SecureRandom random) {
        String publicPart = "cfk_live_" + characters(random, ID_CHARACTERS);
        String body = publicPart + "_" + characters(random, SECRET_CHARACTERS);
        return new ApiKeyText(publicPart, body + check(body));
    }

    private static String characters(SecureRandom random, int count) {
        StringBuilder characters = new StringBuilder(count);
        for (int i = 0; i < count; i++) {
            characters.append(BASE62.charAt(random.nextInt(BASE62.length())));
        }
        return characters.toString();
    }

    private static String check(String body) {
        CRC32 crc = new CRC32();
        crc.update(body.getBytes(StandardCharsets.US_ASCII));
        long rest = crc.getValue();
        StringBuilder check = new StringBuilder();
        for (int i = 0; i < CHECK_CHARACTERS; i++) {
            check.append(BASE62.charAt((int) (rest % BASE62.length())));
            rest /= BASE62.length();
        }
        return check.reverse().toString();
    }

    /** The key's SHA-256, as it is stored. Keys of any shape are hashed so: over their UTF-8 bytes. */
    public static byte[] sha256(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** What may be shown: everything before the secret. */
    public String publicPart() {
        return publicPart;
    }

    /** The whole key, to be shown once to the one who asked for it. */
    public String reveal() {
        return text;
    }

    @Override
    public String toString() {
        return publicPart + "_…";
    }
}
