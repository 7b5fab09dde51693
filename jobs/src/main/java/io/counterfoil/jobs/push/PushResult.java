package io.counterfoil.jobs.push;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What one run did.
 *
 * @param version of what edges act on, that the flags are of
 * @param keys that the documents name: secrets' hashes, or labels
 * @param written names of the documents that were written
 * @param unchanged how many were there already
 * @param bytes that were written
 * @param keyDocuments documents a key that were put; 0 where there are to be none
 * @param keyDocumentsDeleted of these, lifted before their time
 * @param nextReset when the first of the flags resets
 * @param fault what could not be pushed, beside all that was: a person has to mend that
 */
public record PushResult(
        long version,
        long keys,
        List<String> written,
        int unchanged,
        long bytes,
        int keyDocuments,
        int keyDocumentsDeleted,
        Optional<Instant> nextReset,
        Optional<String> fault) {
    public PushResult {
        written = List.copyOf(written);
    }

    /** Whether all was there already. */
    public boolean idle() {
        return written.isEmpty() && keyDocuments + keyDocumentsDeleted == 0;
    }

    /** For people. */
    @Override
    public String toString() {
        if (idle()) {
            return String.format("flags of %,d keys are pushed already", keys);
        }
        String each = keyDocuments + keyDocumentsDeleted == 0
                ? ""
                : String.format("; by key: %,d put, %,d deleted", keyDocuments, keyDocumentsDeleted);
        return String.format(
                "pushed flags of %,d keys at version %d: %,d documents, %,d bytes%s",
                keys, version, written.size(), bytes, each);
    }
}
