package io.counterfoil.accesslog.seal;

import java.util.List;
import java.util.Optional;

/**
 * Which part of which foreign file an imported segment was made of. Positions are of the uncompressed file; of a collector, of the
 * journals that it wrote, one behind the other.
 *
 * @param file its name when it was imported, without folders; for people
 * @param format combined, json, csv, cloudfront, cloudflare, alb or iis; of a collector, that of what was posted
 * @param fingerprint how the file is known again, whatever its name
 * @param from byte position of the first byte
 * @param to byte position behind the last byte
 * @param firstLine number of the line at {@code from}, counted from 1
 * @param lines how many lines the range has: records + rejects + skipped
 * @param skipped comment, header and empty lines, and those that tell of no client's request by design
 * @param tail the end of the range, to see that the file still holds what was imported when it has grown
 * @param rejects lines that are no request; they lie beside the segment
 * @param identity what else tells the file from one that begins as it does
 * @param collected present where there was no file: the records were posted to a collector
 */
public record SourceRange(
        String file,
        String format,
        Digest fingerprint,
        long from,
        long to,
        long firstLine,
        long lines,
        long skipped,
        Digest tail,
        Optional<Rejects> rejects,
        Identity identity,
        Optional<CollectedRange> collected) {
    public SourceRange {
        if (from < 0 || to < from) {
            throw new IllegalArgumentException("range " + from + " to " + to + " of " + file + " is none");
        }
    }

    /** SHA-256 of a stated number of bytes. */
    public record Digest(long bytes, String sha256) {}

    /** The object of rejects beside the segment: its uncompressed length and digest. */
    public record Rejects(long count, long bytes, String sha256) {}

    /**
     * Of a file that another may begin as.
     *
     * @param inode which file it was read from, by its device and inode; empty where that is not known
     * @param lines of those of the file's first lines that lie in this range and are no comments, the head of each one's SHA-256
     */
    public record Identity(Optional<String> inode, List<String> lines) {
        /** Nothing more is known. */
        public static final Identity NONE = new Identity(Optional.empty(), List.of());

        public Identity {
            lines = List.copyOf(lines);
        }
    }
}
