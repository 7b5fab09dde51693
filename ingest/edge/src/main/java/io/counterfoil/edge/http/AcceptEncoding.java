package io.counterfoil.edge.http;

import java.util.Locale;

/** What {@code Accept-Encoding} allows (RFC 9110, 12.5.3). */
final class AcceptEncoding {
    private AcceptEncoding() {}

    /** Whether gzip is named, or everything by a star, with a weight above 0; empty where the field is missing. */
    static boolean allowsGzip(String value) {
        boolean any = false;
        for (String part : value.toLowerCase(Locale.ROOT).split(",", -1)) {
            int semicolon = part.indexOf(';');
            String coding = (semicolon < 0 ? part : part.substring(0, semicolon)).strip();
            boolean allowed =
                    semicolon < 0 || !isZero(part.substring(semicolon + 1).strip());
            if (coding.equals("gzip") || coding.equals("x-gzip")) {
                return allowed;
            }
            any |= coding.equals("*") && allowed;
        }
        return any;
    }

    private static boolean isZero(String weight) {
        return weight.matches("q\\s*=\\s*0(\\.0{0,3})?");
    }
}
