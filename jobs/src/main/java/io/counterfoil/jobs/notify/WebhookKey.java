package io.counterfoil.jobs.notify;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.notice.Target;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * The key that all endpoints' signing secrets are derived of (HMAC-SHA256 as in the expand step of HKDF, RFC 5869), so that none of
 * them is stored anywhere. It is in the operator's hands: whoever loses it gives every receiver a new secret.
 */
public final class WebhookKey {
    /** The environment's name for the key. */
    public static final String VARIABLE = "COUNTERFOIL_WEBHOOK_KEY";

    private static final String PREFIX = "whsec_";
    private static final int MIN_BYTES = 32;
    private static final int ID_BYTES = 6;

    private final byte[] key;

    private WebhookKey(byte[] key) {
        this.key = key;
    }

    /**
     * Reads a key: base64 of at least 32 bytes, with {@code whsec_} before it or without.
     *
     * @param where it was found, for the message
     * @throws OperatorException category INPUT where it is none; the message does not hold it
     */
    public static WebhookKey parse(String text, String where) {
        String bare = text.strip();
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(bare.startsWith(PREFIX) ? bare.substring(PREFIX.length()) : bare);
        } catch (IllegalArgumentException e) {
            bytes = new byte[0];
        }
        if (bytes.length < MIN_BYTES) {
            throw OperatorException.input("the webhooks' key in " + where + " is " + bare.length()
                    + " characters that are not base64 of " + MIN_BYTES + " bytes or more; expected as much, as of:"
                    + " openssl rand -base64 32");
        }
        return new WebhookKey(bytes);
    }

    /** The text of a new key. */
    public static String generate() {
        byte[] bytes = new byte[MIN_BYTES];
        new SecureRandom().nextBytes(bytes);
        return PREFIX + Base64.getEncoder().encodeToString(bytes);
    }

    /** Names the key without giving it away: an endpoint whose secret came of another one cannot be signed for. */
    public String id() {
        return HexFormat.of().formatHex(mac("counterfoil webhook key"), 0, ID_BYTES);
    }

    /** The newest secret of an endpoint, as its receiver is to be given it. */
    public String text(Target.Secret secret) {
        return PREFIX + Base64.getEncoder().encodeToString(derive(secret, secret.generation()));
    }

    /** The secrets that sign at that time, the newest first. */
    List<byte[]> signing(Target.Secret secret, Instant now) {
        List<byte[]> secrets = new ArrayList<>(List.of(derive(secret, secret.generation())));
        if (secret.generation() > 1
                && secret.formerUntil().filter(now::isBefore).isPresent()) {
            secrets.add(derive(secret, secret.generation() - 1));
        }
        return secrets;
    }

    private byte[] derive(Target.Secret secret, int generation) {
        return mac("counterfoil webhook secret/" + secret.salt() + "/" + generation + "\u0001");
    }

    private byte[] mac(String text) {
        return mac(key, text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] mac(byte[] key, byte[] text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no HmacSHA256, which every Java has", e);
        }
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "WebhookKey " + id();
    }
}
