package io.counterfoil.sql.account;

import io.counterfoil.sql.OperatorException;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * A new API key: {@code cfk_<env>_<id>_<secret>}. Environment and id (8 characters) are public; the secret is 256 random bits in 43
 * base-62 characters and 6 more of a CRC-32 over all before them, so that secret scanners can tell a key from chance. Only its
 * SHA-256 is ever stored. The module's README has the form and the check to the letter.
 */
public final class ApiKeyText {
    /** The longest text that edges admit, in UTF-8; keys of any shape. */
    public static final int MAX_BYTES = 512;

    private static final String BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final Pattern ENVIRONMENT = Pattern.compile("[a-z][a-z0-9]{0,15}");
    private static final Pattern FORM = Pattern.compile("cfk_[a-z][a-z0-9]{0,15}_[0-9A-Za-z]{8}_[0-9A-Za-z]{49}");
    private static final int ID_CHARACTERS = 8;
    private static final int SECRET_CHARACTERS = 43;
    private static final int CHECK_CHARACTERS = 6;

    private final String publicPart;
    private final String text;

    private ApiKeyText(String publicPart, String text) {
        this.publicPart = publicPart;
        this.text = text;
    }

    /** A key of the environment {@code live}. */
    public static ApiKeyText generate(SecureRandom random) {
        return generate(random, "live");
    }

    /**
     * A key that says which environment it is for.
     *
     * @throws OperatorException category INPUT where the environment is no name of 1 to 16 lower-case letters and digits
     */
    public static ApiKeyText generate(SecureRandom random, String environment) {
        if (!ENVIRONMENT.matcher(environment).matches()) {
            throw OperatorException.input("environment is '" + environment
                    + "', expected 1 to 16 lower-case letters and digits, a letter first, as in live or test");
        }
        String publicPart = "cfk_" + environment + "_" + characters(random, ID_CHARACTERS);
        String body = publicPart + "_" + characters(random, SECRET_CHARACTERS);
        return new ApiKeyText(publicPart, body + check(body));
    }

    /** Whether the text has the form of a key made here and its checksum is right: chance does not make such a text. */
    public static boolean isWellFormed(String text) {
        int body = text.length() - CHECK_CHARACTERS;
        return FORM.matcher(text).matches() && check(text.substring(0, body)).equals(text.substring(body));
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
