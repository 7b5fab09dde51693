package io.counterfoil.accesslog.record;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

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

    private static final List<Optional<Decision>> PARSED =
            Stream.of(values()).map(Optional::of).toList();
    private static final byte[][] WORDS = Stream.of(values())
            .map(decision -> decision.text.getBytes(StandardCharsets.US_ASCII))
            .toArray(byte[][]::new);

    private final String text = name().toLowerCase(Locale.ROOT);

    /** The word that stands in the log line. */
    public String text() {
        return text;
    }

    /** The decision a log line names, or empty where the word is none of them. */
    public static Optional<Decision> parse(String text) {
        byte[] word = text.getBytes(StandardCharsets.US_ASCII);
        return parse(word, 0, word.length);
    }

    /** As {@link #parse(String)}, of the bytes between two positions; allocates nothing. */
    static Optional<Decision> parse(byte[] line, int from, int to) {
        for (int i = 0; i < WORDS.length; i++) {
            if (Arrays.equals(line, from, to, WORDS[i], 0, WORDS[i].length)) {
                return PARSED.get(i);
            }
        }
        return Optional.empty();
    }
}
