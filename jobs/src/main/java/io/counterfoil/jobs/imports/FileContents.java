package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.seal.SourceRange;
import io.counterfoil.jobs.imports.RotatedLog.LogFile;

import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a file holds, held against what is known. Two files that hold the same from their beginning are told apart by nothing, and
 * need not be: whichever is taken for the known one, as long as it is one, the lines that are left to count are the same.
 */
final class FileContents {
    private static final int EDGE_BYTES = 4096;

    private final LogFile file;
    private final SourceHead head;
    private final long length;

    private FileContents(LogFile file, SourceHead head, long length) {
        this.file = file;
        this.head = head;
        this.length = length;
    }

    /** @throws IOException where it cannot be read, or is compressed and not whole yet */
    static FileContents of(LogFile file) throws IOException {
        try (SourceFile opened = SourceFile.opened(file.path())) {
            SourceHead head = opened.head();
            if (opened.size().isPresent()) {
                return new FileContents(file, head, opened.size().getAsLong());
            }
            return new FileContents(file, head, opened.readToEnd());
        }
    }

    long length() {
        return length;
    }

    SourceHead head() {
        return head;
    }

    /** The up to so many bytes before a position; empty where the file ends before it. */
    private Optional<byte[]> before(long position, int bytes) throws IOException {
        try (SourceFile opened = SourceFile.opened(file.path())) {
            return opened.skipTo(position, bytes);
        }
    }

    /** Whether what is known of that file is how this one begins. */
    boolean continues(KnownFile known) throws IOException {
        if (known.to() > length || !head.beginsAs(known.fingerprint())) {
            return false;
        }
        return before(known.to(), known.tailBytes()).filter(known::endsWith).isPresent();
    }

    /**
     * Whether this is an earlier copy of that file, all of which is known: of a file that was copied, went on for a moment, and was
     * truncated. Its beginning and the end of the last segment that lies inside of it must be the same; of less than 4 KiB that
     * would say too little, since files may begin with the same few lines.
     */
    boolean isEarlierCopyOf(KnownFile known, FolderLanding landing) throws IOException {
        if (known.to() < length) {
            return false;
        }
        Optional<SourceRange> range = lastEndingUpTo(length, known, landing);
        if (range.isEmpty() || range.get().to() < EDGE_BYTES) {
            return false;
        }
        SourceRange.Digest tail = range.get().tail();
        return head.beginsAs(known.fingerprint())
                && before(range.get().to(), (int) tail.bytes())
                        .filter(bytes -> Digests.sha256(bytes).equals(tail.sha256()))
                        .isPresent();
    }

    /** Segments of a stream are numbered without gaps. */
    private static Optional<SourceRange> lastEndingUpTo(long position, KnownFile known, FolderLanding landing)
            throws IOException {
        Optional<SourceRange> best = Optional.empty();
        long low = 1;
        long high = known.nextNumber() - 1;
        while (low <= high) {
            long middle = (low + high) >>> 1;
            SourceRange range = KnownFile.range(landing.seal(new SegmentId(known.stream(), middle)));
            if (range.to() <= position) {
                best = Optional.of(range);
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return best;
    }

    /** Whether that file begins with all of this one, as the live one does while it is copied, and until it is truncated. */
    boolean isBeginningOf(LogFile other) throws IOException {
        if (file.name().endsWith(".gz") || length == 0) {
            return false;
        }
        int edge = (int) Math.min(length, EDGE_BYTES);
        try (SourceFile mine = SourceFile.opened(file.path());
                SourceFile its = SourceFile.opened(other.path())) {
            return its.size().orElse(0) >= length
                    && Arrays.equals(mine.bytes(0, edge), its.bytes(0, edge))
                    && Arrays.equals(mine.bytes(length - edge, edge), its.bytes(length - edge, edge));
        }
    }
}
