package io.counterfoil.edge.http;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** What a browser sends of the key its user typed (RFC 7617). */
final class BasicCredentials {
    private static final String BASIC = "Basic ";

    private BasicCredentials() {}

    /**
     * The same as {@code Bearer}: the password, or the user's name where there is no password.
     *
     * @param authorization the header's value, or null; returned as it is where it is no {@code Basic}
     */
    static String asBearer(String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            return authorization;
        }
        try {
            byte[] decoded = Base64.getDecoder()
                    .decode(authorization.substring(BASIC.length()).strip());
            // As header fields come: a character a byte.
            String pair = new String(decoded, StandardCharsets.ISO_8859_1);
            int colon = pair.indexOf(':');
            String password = colon < 0 ? "" : pair.substring(colon + 1);
            return "Bearer " + (password.isEmpty() && colon > 0 ? pair.substring(0, colon) : password);
        } catch (IllegalArgumentException e) {
            return authorization;
        }
    }
}
