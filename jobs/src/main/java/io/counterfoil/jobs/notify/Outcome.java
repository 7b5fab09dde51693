package io.counterfoil.jobs.notify;

import java.time.Duration;
import java.util.Optional;

/**
 * What became of one attempt.
 *
 * @param error why it did not arrive; empty: it did
 * @param retryAfter how long the receiver asked to be left alone
 * @param gone the receiver wants nothing more, ever
 */
record Outcome(Optional<Integer> status, Optional<String> error, Optional<Duration> retryAfter, boolean gone) {
    private static final int MAX_ERROR = 300;

    static Outcome delivered(int status) {
        return new Outcome(Optional.of(status), Optional.empty(), Optional.empty(), false);
    }

    static Outcome failed(Optional<Integer> status, String error) {
        return new Outcome(status, Optional.of(line(error)), Optional.empty(), false);
    }

    static Outcome failed(String error) {
        return failed(Optional.empty(), error);
    }

    /** What others wrote, in one line that a terminal can show. */
    private static String line(String error) {
        String line = error.replaceAll("\\p{Cntrl}+", " ").strip();
        return line.length() > MAX_ERROR ? line.substring(0, MAX_ERROR) + "…" : line;
    }
}
