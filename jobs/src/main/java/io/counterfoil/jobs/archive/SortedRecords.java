package io.counterfoil.jobs.archive;

import io.counterfoil.accesslog.landing.SegmentReader;
import io.counterfoil.accesslog.record.CorruptRecordException;
import io.counterfoil.accesslog.record.RecordCursor;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.segment.CorruptSegmentException;
import io.counterfoil.accesslog.segment.VerifiedSegment;
import org.apache.hadoop.util.IndexedSortable;
import org.apache.hadoop.util.QuickSort;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The records of some segments in order of hour, key and time, then as they were logged. Holds where they are, not what they say. */
final class SortedRecords {
    /** Of records whose times are none that anything is counted in. */
    static final int UNKNOWN_HOUR = -1;

    private static final long HOUR_MICROS = 3_600_000_000L;
    private static final long FROM_MICROS = 631_152_000_000_000L;
    private static final long TO_MICROS = 4_102_444_800_000_000L;

    private final List<SegmentId> segments = new ArrayList<>();
    private final List<RecordCursor> cursors = new ArrayList<>();
    private final Order order;

    /** @param records how many there will be */
    SortedRecords(int records) {
        order = new Order(records);
    }

    /** Adds all records of a segment, or none where it throws; as {@link SegmentReader#read}. */
    void add(SegmentReader reader, Seal seal) throws IOException, CorruptSegmentException {
        int before = order.size;
        int segment = segments.size();
        VerifiedSegment verified = reader.read(seal, () -> {
            order.size = before;
            return record -> add(record, segment);
        });
        segments.add(seal.id());
        cursors.add(verified.cursor());
    }

    private void add(RecordCursor record, int segment) throws CorruptRecordException {
        long micros = record.tsMicros();
        int hour = micros >= FROM_MICROS && micros < TO_MICROS ? (int) (micros / HOUR_MICROS) : UNKNOWN_HOUR;
        order.add(hour, key(record), micros, segment, record.linePosition());
    }

    void sort() {
        if (order.size > 1) {
            new QuickSort().sort(order, 0, order.size);
        }
    }

    /** Records from an index to another, the latter exclusive. */
    record Hour(int number, int from, int to) {
        long records() {
            return (long) to - from;
        }
    }

    /** Is shown records. */
    interface Visitor {
        void visit(RecordCursor record, int segment) throws IOException;
    }

    /** A key that is none was a reject; it goes first. */
    private static long key(RecordCursor cursor) {
        try {
            return cursor.keyId();
        } catch (CorruptRecordException e) {
            return -1;
        }
    }

    List<SegmentId> segments() {
        return segments;
    }

    List<Hour> hours() {
        List<Hour> hours = new ArrayList<>();
        int from = 0;
        for (int i = 1; i <= order.size; i++) {
            if (i == order.size || order.hour[i] != order.hour[from]) {
                hours.add(new Hour(order.hour[from], from, i));
                from = i;
            }
        }
        return hours;
    }

    void forEach(Hour hour, Visitor visitor) throws IOException {
        for (int i = hour.from(); i < hour.to(); i++) {
            int segment = order.segment[i];
            RecordCursor cursor = cursors.get(segment);
            try {
                cursor.readAgain(order.position[i]);
            } catch (CorruptRecordException e) {
                throw new IllegalStateException("segment " + segments.get(segment) + " was verified and is corrupt", e);
            }
            visitor.visit(cursor, segment);
        }
    }

    /** Columns of what is sorted, for Hadoop's sorter. */
    private static final class Order implements IndexedSortable {
        private final int[] hour;
        private final long[] key;
        private final long[] micros;
        private final int[] segment;
        private final int[] position;
        private int size;

        Order(int records) {
            hour = new int[records];
            key = new long[records];
            micros = new long[records];
            segment = new int[records];
            position = new int[records];
        }

        void add(int hourOf, long keyId, long at, int segmentOf, int linePosition) {
            hour[size] = hourOf;
            key[size] = keyId;
            micros[size] = at;
            segment[size] = segmentOf;
            position[size] = linePosition;
            size++;
        }

        @Override
        public int compare(int a, int b) {
            int order = Integer.compare(hour[a], hour[b]);
            if (order == 0) {
                order = Long.compare(key[a], key[b]);
            }
            if (order == 0) {
                order = Long.compare(micros[a], micros[b]);
            }
            if (order == 0) {
                order = Integer.compare(segment[a], segment[b]);
            }
            return order == 0 ? Integer.compare(position[a], position[b]) : order;
        }

        @Override
        public void swap(int a, int b) {
            swap(hour, a, b);
            swap(key, a, b);
            swap(micros, a, b);
            swap(segment, a, b);
            swap(position, a, b);
        }

        private static void swap(int[] values, int a, int b) {
            int kept = values[a];
            values[a] = values[b];
            values[b] = kept;
        }

        private static void swap(long[] values, int a, int b) {
            long kept = values[a];
            values[a] = values[b];
            values[b] = kept;
        }
    }
}
