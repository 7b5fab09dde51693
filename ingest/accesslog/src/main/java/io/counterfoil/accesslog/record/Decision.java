package io.counterfoil.accesslog.record;

import java.util.Locale;
import java.util.Optional;

/** What the edge decided about a request; the {@code decision} column of the log line, in lower case. */
public enum Decision {
    /** A valid key within its limits. */
    ADMITTED,
    /** A valid key over a limit whose action is to warn. */
    WARNED,
    /** A valid key over a limit whose action is to refuse. */
    REFUSED,
    /** No key, or none that is valid. */
    UNAUTHORIZED,
    /** No configured route matched. */
    UNROUTED;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** The word that stands in the log line. */
    public String text() {
        return text;
    }

    /** The decision a log line names, or empty where the word is none of them. */
    public static Optional<Decision> parse(String text) {
        for (Decision decision : values()) {
            if (decision.text.equals(text)) {
                return Optional.of(decision);
            }
        }
        return Optional.empty();
    }
}
