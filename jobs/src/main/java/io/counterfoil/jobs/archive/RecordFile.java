package io.counterfoil.jobs.archive;

import io.counterfoil.accesslog.record.CorruptRecordException;
import io.counterfoil.accesslog.record.RecordCursor;
import io.counterfoil.jobs.source.AccessLogColumn;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Records as Parquet: a column for each of the line's and of what places it, zstd, with page checksums. Straight from the log's bytes:
 * no row in between. Whoever reads the file back can tell by SQL ({@link #DIGEST}) that it holds what was handed over.
 */
final class RecordFile {
    /** What can be derived of a record is not kept. */
    private static final List<AccessLogColumn> COLUMNS = Arrays.stream(AccessLogColumn.values())
            .filter(column -> column != AccessLogColumn.HOUR && column != AccessLogColumn.OUTCOME)
            .toList();

    /** Of every column of every record, in whatever order they come; as Spark SQL says it. */
    static final String DIGEST = "coalesce(bit_xor(xxhash64("
            + COLUMNS.stream().map(AccessLogColumn::text).collect(Collectors.joining(", ")) + ")), 0L)";

    /** Of these hardly two values are the same: no dictionary. */
    private static final List<AccessLogColumn> UNLIKE =
            List.of(AccessLogColumn.SEQ, AccessLogColumn.TS_US, AccessLogColumn.CRC);

    /** Nobody looks for these by a range: no least and greatest of a page. */
    private static final List<AccessLogColumn> UNORDERED = List.of(
            AccessLogColumn.METHOD,
            AccessLogColumn.REQUEST_ID,
            AccessLogColumn.CLIENT,
            AccessLogColumn.PATH,
            AccessLogColumn.CRC);

    /** Spark's. */
    private static final long DIGEST_SEED = 42;

    /** Bounds what a task holds beside its records. */
    private static final long ROW_GROUP_BYTES = 64L << 20;

    private static final String[] NAMES =
            COLUMNS.stream().map(AccessLogColumn::text).toArray(String[]::new);
    private static final MessageType SCHEMA = schema();

    private RecordFile() {}

    private static MessageType schema() {
        Types.MessageTypeBuilder columns = Types.buildMessage();
        for (AccessLogColumn column : COLUMNS) {
            DataType type = column.type();
            if (type.equals(DataTypes.StringType)) {
                columns.optional(PrimitiveTypeName.BINARY)
                        .as(LogicalTypeAnnotation.stringType())
                        .named(column.text());
            } else {
                columns.optional(type.equals(DataTypes.IntegerType) ? PrimitiveTypeName.INT32 : PrimitiveTypeName.INT64)
                        .named(column.text());
            }
        }
        return columns.named("access_log");
    }

    /**
     * Writes an hour's records as a file of that path.
     *
     * @return its digest
     */
    static long write(String path, Configuration settings, SortedRecords records, SortedRecords.Hour hour)
            throws IOException {
        RecordSupport support = new RecordSupport(records);
        Builder builder = new Builder(HadoopOutputFile.fromPath(new Path(path), settings), support)
                .withConf(settings)
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .withPageWriteChecksumEnabled(true)
                .withRowGroupSize(ROW_GROUP_BYTES);
        UNLIKE.forEach(column -> builder.withDictionaryEncoding(column.text(), false));
        UNORDERED.forEach(column -> builder.withStatisticsEnabled(column.text(), false));
        try (ParquetWriter<RecordCursor> writer = builder.build()) {
            records.forEach(hour, (record, segment) -> {
                support.segment = segment;
                writer.write(record);
            });
        }
        return support.digest;
    }

    private static final class Builder extends ParquetWriter.Builder<RecordCursor, Builder> {
        private final RecordSupport support;

        Builder(OutputFile file, RecordSupport support) {
            super(file);
            this.support = support;
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        @SuppressWarnings("deprecation") // Abstract: there must be one.
        protected WriteSupport<RecordCursor> getWriteSupport(Configuration settings) {
            return support;
        }
    }

    /** Hands values to Parquet, and sums the digest on the way. */
    private static final class RecordSupport extends WriteSupport<RecordCursor> implements AccessLogColumn.Cells {
        private final AccessLogColumn.Place[] places;
        private RecordConsumer out;
        private int segment;
        private long recordDigest;
        private long digest;

        RecordSupport(SortedRecords records) {
            places = records.segments().stream().map(AccessLogColumn.Place::of).toArray(AccessLogColumn.Place[]::new);
        }

        @Override
        @SuppressWarnings("deprecation") // Abstract: there must be one.
        public WriteContext init(Configuration settings) {
            return new WriteContext(SCHEMA, Map.of());
        }

        @Override
        public void prepareForWrite(RecordConsumer consumer) {
            out = consumer;
        }

        @Override
        public void write(RecordCursor record) {
            recordDigest = DIGEST_SEED;
            out.startMessage();
            for (int i = 0; i < COLUMNS.size(); i++) {
                try {
                    COLUMNS.get(i).write(this, i, record, places[segment]);
                } catch (CorruptRecordException e) {
                    // As it was sealed; the rollup rejected the record, and the column stays null.
                }
            }
            out.endMessage();
            digest ^= recordDigest;
        }

        @Override
        public void put(int ordinal, long value) {
            recordDigest = XXH64.hashLong(value, recordDigest);
            start(ordinal);
            out.addLong(value);
            end(ordinal);
        }

        @Override
        public void put(int ordinal, int value) {
            recordDigest = XXH64.hashInt(value, recordDigest);
            start(ordinal);
            out.addInteger(value);
            end(ordinal);
        }

        @Override
        public void put(int ordinal, byte[] bytes, int from, int length) {
            recordDigest = XXH64.hashUnsafeBytes(bytes, Platform.BYTE_ARRAY_OFFSET + from, length, recordDigest);
            start(ordinal);
            out.addBinary(Binary.fromConstantByteArray(bytes, from, length));
            end(ordinal);
        }

        @Override
        public void put(int ordinal, UTF8String text) {
            byte[] bytes = text.getBytes();
            put(ordinal, bytes, 0, bytes.length);
        }

        private void start(int ordinal) {
            out.startField(NAMES[ordinal], ordinal);
        }

        private void end(int ordinal) {
            out.endField(NAMES[ordinal], ordinal);
        }
    }
}
