package io.counterfoil.accesslog.inspect;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.landing.SegmentReader;
import io.counterfoil.accesslog.record.CorruptRecordException;
import io.counterfoil.accesslog.record.LogRecord;
import io.counterfoil.accesslog.record.RecordCursor;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.segment.CorruptSegmentException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Follows a stream that an edge writes: each call gives the records that came since the last one. What was sealed and cleared
 * between two calls is read from where sealed segments lie. Not thread-safe.
 */
public final class StreamTail {
    private final StreamFolder folder;
    private final List<Landing> sealed;
    private Optional<StreamId> stream = Optional.empty();
    private long lastSeq;
    private long lastNumber;

    /**
     * @param file an active segment of the stream
     * @param landing where the edge ships to
     */
    public StreamTail(Path file, Landing landing) {
        Path streamFolder = file.toAbsolutePath().getParent();
        if (streamFolder == null) {
            throw new IllegalArgumentException(file + " lies in no stream's folder");
        }
        folder = new StreamFolder(streamFolder);
        Path data = streamFolder.resolve("../../..").normalize();
        sealed = List.of(new FolderLanding(data.resolve("sealed")), landing);
    }

    /** What was found, and how many records could not be found any more. */
    public record News(List<LogRecord> records, long missed) {}

    /** The stream's last records, at most so many of those that are not sealed. */
    public List<LogRecord> last(int count) throws IOException, CorruptRecordException {
        List<LogRecord> records = new ArrayList<>();
        for (InspectedSegment segment : folder.segments()) {
            take(segment.cursor(), records);
            begin(segment);
        }
        return List.copyOf(records.subList(Math.max(0, records.size() - count), records.size()));
    }

    /** What came since {@link #last} or the call before. */
    public News next() throws IOException, CorruptRecordException, CorruptSegmentException {
        List<InspectedSegment> segments = folder.segments();
        List<LogRecord> records = new ArrayList<>();
        long missed = 0;
        for (InspectedSegment segment : segments) {
            if (segment.id().number() < lastNumber) {
                continue;
            }
            if (segment.id().number() > lastNumber + 1 || startsAfterAGap(segment)) {
                addSealed(segment.id().number(), records);
            }
            long expected = lastSeq + 1;
            int had = records.size();
            take(segment.cursor(), records);
            if (records.size() > had && expected > 1) {
                missed += records.get(had).seq() - expected;
            }
            begin(segment);
        }
        return new News(records, missed);
    }

    private boolean startsAfterAGap(InspectedSegment segment) throws CorruptRecordException {
        RecordCursor cursor = segment.cursor();
        return segment.id().number() > lastNumber && cursor.next() && cursor.seq() > lastSeq + 1;
    }

    private void addSealed(long before, List<LogRecord> records)
            throws IOException, CorruptRecordException, CorruptSegmentException {
        for (Landing landing : sealed) {
            if (stream.isEmpty()) {
                return;
            }
            for (Seal seal : landing.sealsAfter(stream.get(), Math.max(0, lastNumber - 1), 1000)) {
                boolean next = seal.id().number() < before
                        && seal.records().firstSeq() <= lastSeq + 1
                        && seal.records().lastSeq() > lastSeq;
                if (next && landing.data(seal.id()).isPresent()) {
                    take(new SegmentReader(landing).read(seal).cursor(), records);
                }
            }
        }
    }

    private void begin(InspectedSegment segment) {
        stream = Optional.of(segment.id().stream());
        lastNumber = segment.id().number();
    }

    private void take(RecordCursor cursor, List<LogRecord> records) throws CorruptRecordException {
        while (cursor.next()) {
            if (cursor.seq() > lastSeq) {
                records.add(cursor.record());
                lastSeq = cursor.seq();
            }
        }
    }
}
