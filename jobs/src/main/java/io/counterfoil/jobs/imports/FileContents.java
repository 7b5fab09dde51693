package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.seal.SourceRange;
import io.counterfoil.jobs.imports.RotatedLog.LogFile;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** What a file holds, held against what is known, and against other files. */
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

    LogFile file() {
        return file;
    }

    long length() {
        return length;
    }

    SourceHead head() {
        return head;
    }

    boolean hasLines() {
        return head.fingerprint(false).bytes() > 0;
    }

    boolean isFileOf(KnownFile known) {
        return known.inode().equals(Optional.of(file.inode()));
    }

    /** The up to so many bytes before a position; empty where the file ends before it. */
    private Optional<byte[]> before(long position, int bytes) throws IOException {
        try (SourceFile opened = SourceFile.opened(file.path())) {
            return opened.skipTo(position, bytes);
        }
    }

    boolean beginsAs(KnownFile known) {
        return known.first().isEmpty() ? head.beginsAs(known.fingerprint()) : head.sharesFirst(known.first());
    }

    /** Whether it begins with all that is known of that file. */
    boolean holds(KnownFile known) throws IOException {
        return known.to() <= length
                && beginsAs(known)
                && before(known.to(), known.tailBytes()).filter(known::endsWith).isPresent();
    }

    /**
     * Whether it is, as far as the seals tell, the beginning of that file, and ends before what is known of that: its first lines, and
     * what stands before the end of the last segment that lies inside of it.
     */
    boolean isEarlier(KnownFile known, FolderLanding landing) throws IOException {
        if (known.to() <= length || !beginsAs(known)) {
            return false;
        }
        Optional<SourceRange> range = lastEndingUpTo(length, known, landing);
        if (range.isEmpty()) {
            return true;
        }
        SourceRange.Digest tail = range.get().tail();
        return before(range.get().to(), (int) tail.bytes())
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

    /**
     * Whether no other log of this server can begin with what it and that file both have: requests of more than one time, the first
     * of which had ended when the other log began. So many lines say as much.
     */
    boolean tellsItself(KnownFile known, ImportSettings settings) throws IOException {
        if (Math.min(known.first().size(), head.first().size()) >= SourceHead.LINES) {
            return true;
        }
        LineFormat format = settings.lineFormat();
        Set<Long> times = new HashSet<>();
        try (SourceFile opened = SourceFile.opened(file.path())) {
            while (times.size() <= 1
                    && opened.position() < SourceFile.HEAD_BYTES
                    && opened.next(false)
                    && opened.position() <= known.to()) {
                time(format, SegmentSeries.text(opened)).ifPresent(times::add);
            }
        }
        return times.size() > 1;
    }

    private static Optional<Long> time(LineFormat format, String line) {
        try {
            return format.skip(line) ? Optional.empty() : format.parse(line).map(ForeignRequest::tsMicros);
        } catch (MalformedLineException e) {
            return Optional.empty();
        }
    }

    /** Whether that file begins with all of this one, as the live one does while it is copied, and until it is truncated. */
    boolean isBeginningOf(LogFile other) throws IOException {
        if (length == 0) {
            return false;
        }
        int edge = (int) Math.min(length, EDGE_BYTES);
        try (SourceFile mine = SourceFile.opened(file.path());
                SourceFile its = SourceFile.opened(other.path())) {
            return mine.size().isPresent()
                    && its.size().orElse(0) >= length
                    && Arrays.equals(mine.bytes(0, edge), its.bytes(0, edge))
                    && Arrays.equals(mine.bytes(length - edge, edge), its.bytes(length - edge, edge));
        }
    }
}
