package io.counterfoil.jobs.source;

import io.counterfoil.accesslog.landing.LandingReader;
import io.counterfoil.accesslog.landing.SegmentReader;
import io.counterfoil.accesslog.record.CorruptRecordException;
import io.counterfoil.accesslog.record.RecordCursor;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.segment.CorruptSegmentException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowWriter;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/** Reads segments one after the other, each verified as a whole before its first row. A row is good until the next one. */
final class AccessLogPartitionReader implements PartitionReader<InternalRow> {
    private static final int ROW_BYTES = 512;

    private final LandingReader landing;
    private final SegmentReader reader;
    private final Iterator<String> segments;
    private final AccessLogColumn[] columns;
    private final UnsafeRowWriter row;
    private final AccessLogColumn.Cells cells;
    private SegmentId id;
    private AccessLogColumn.Place place;
    private RecordCursor cursor;

    AccessLogPartitionReader(LandingReader landing, List<String> segments, StructType columns) {
        this.landing = landing;
        this.reader = new SegmentReader(landing);
        this.segments = segments.iterator();
        this.columns = Arrays.stream(columns.fields()).map(AccessLogColumn::of).toArray(AccessLogColumn[]::new);
        this.row = new UnsafeRowWriter(this.columns.length, ROW_BYTES);
        this.cells = new RowCells(row);
    }

    @Override
    public boolean next() throws IOException {
        try {
            while (cursor == null || !cursor.next()) {
                if (!segments.hasNext()) {
                    return false;
                }
                id = SegmentId.parse(segments.next());
                place = AccessLogColumn.Place.of(id);
                cursor = reader.read(landing.seal(id)).cursor();
            }
            return true;
        } catch (CorruptSegmentException | CorruptRecordException e) {
            throw new IOException(
                    "segment " + id + " is corrupt, nothing of it was read: " + e.getMessage()
                            + "; ./counterfoil log verify " + id + " tells more",
                    e);
        }
    }

    @Override
    public InternalRow get() {
        row.reset();
        row.zeroOutNullBytes();
        for (int i = 0; i < columns.length; i++) {
            try {
                columns[i].write(cells, i, cursor, place);
            } catch (CorruptRecordException e) {
                // As it was sealed; the rollup rejected the record.
                row.setNullAt(i);
            }
        }
        return row.getRow();
    }

    @Override
    public void close() {
        cursor = null;
    }

    private record RowCells(UnsafeRowWriter row) implements AccessLogColumn.Cells {
        @Override
        public void put(int ordinal, long value) {
            row.write(ordinal, value);
        }

        @Override
        public void put(int ordinal, int value) {
            row.write(ordinal, value);
        }

        @Override
        public void put(int ordinal, byte[] bytes, int from, int length) {
            row.write(ordinal, bytes, from, length);
        }

        @Override
        public void put(int ordinal, UTF8String text) {
            row.write(ordinal, text);
        }
    }
}
