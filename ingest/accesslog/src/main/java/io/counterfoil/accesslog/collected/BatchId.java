package io.counterfoil.accesslog.collected;

import java.util.regex.Pattern;

/**
 * Which batch of a source: posted again, it is the same one.
 *
 * @param instance who numbers it, unique for ever: one isolate, one process
 * @param number from 1 on, without holes as long as nothing is lost
 */
public record BatchId(String instance, long number) {
    /** What an instance may be called. */
    public static final Pattern INSTANCE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    /** The largest number; exact in JSON and JavaScript. */
    public static final long MAX_NUMBER = (1L << 53) - 1;

    public BatchId {
        if (!INSTANCE.matcher(instance).matches()) {
            throw new IllegalArgumentException(
                    "instance is not 1 to 64 of A-Z a-z 0-9 . _ - with no sign at the start");
        }
        if (number < 1 || number > MAX_NUMBER) {
            throw new IllegalArgumentException("batch number is " + number + ", expected 1 to " + MAX_NUMBER);
        }
    }

    @Override
    public String toString() {
        return instance + "/" + number;
    }
}
