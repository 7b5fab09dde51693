package io.counterfoil.jobs.push;

import io.counterfoil.accesslog.file.Digests;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A document of flags: a head, the version in decimal digits, and the rest. The same flags give the same bytes but for the version, so
 * that what is unchanged can be told from what is not, at a target too. Not changed after construction.
 *
 * @param name under which the target keeps it
 * @param keys how many it names
 * @param fault what it has no room for, and the way out
 * @param head up to the version
 * @param tail behind the version
 * @param matter SHA-256 in hex of what edges act on; figures that are only told are not in it
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
record FlagText(String name, int keys, Optional<String> fault, String head, byte[] tail, String matter) {
    /** The whole, as of that version. */
    byte[] bytes(long version) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(head.length() + 20 + tail.length);
        bytes.writeBytes((head + version).getBytes(StandardCharsets.US_ASCII));
        bytes.writeBytes(tail);
        return bytes.toByteArray();
    }

    /** SHA-256 in hex of everything but the version. */
    String figures() {
        return Digests.sha256(tail);
    }

    /** Of a document of this kind; empty where these bytes are none. */
    OptionalLong versionOf(byte[] there) {
        byte[] expected = head.getBytes(StandardCharsets.US_ASCII);
        int from = expected.length;
        if (there.length < from || !Arrays.equals(there, 0, from, expected, 0, from)) {
            return OptionalLong.empty();
        }
        int to = from;
        while (to < there.length && to - from < 18 && there[to] >= '0' && there[to] <= '9') {
            to++;
        }
        return to == from
                ? OptionalLong.empty()
                : OptionalLong.of(Long.parseLong(new String(there, from, to - from, StandardCharsets.US_ASCII)));
    }

    /** Whether these bytes are this document, as of whatever version. */
    boolean isIn(byte[] there) {
        OptionalLong version = versionOf(there);
        return version.isPresent() && Arrays.equals(there, bytes(version.getAsLong()));
    }
}
