package io.counterfoil.accesslog.collected;

/** Knows keys by the hashes of their texts. */
@FunctionalInterface
public interface KeyNumbers {
    /** What {@link #find} gives for a key that nobody knows. */
    long UNKNOWN = -1;

    /** The number of the key whose text has that SHA-256 (64 hex digits in lower case), or {@link #UNKNOWN}. */
    long find(String sha256);
}
