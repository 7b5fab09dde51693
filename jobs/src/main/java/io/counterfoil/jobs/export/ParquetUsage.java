package io.counterfoil.jobs.export;

import org.apache.commons.csv.CSVRecord;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/** Rows of usage as Parquet, a row group in memory at a time. The same rows give the same bytes: no time and no name of a machine is in it. */
final class ParquetUsage {
    private static final long ROW_GROUP_BYTES = 64L << 20;
    private static final UsageColumn[] COLUMNS = UsageColumn.values();
    private static final MessageType SCHEMA = schema();

    private ParquetUsage() {}

    private static MessageType schema() {
        Types.MessageTypeBuilder columns = Types.buildMessage();
        for (UsageColumn column : COLUMNS) {
            if (column == UsageColumn.HOUR) {
                columns.required(PrimitiveTypeName.INT64)
                        .as(LogicalTypeAnnotation.timestampType(true, TimeUnit.MICROS))
                        .named(column.text());
            } else if (column.number()) {
                columns.required(PrimitiveTypeName.INT64).named(column.text());
            } else if (column == UsageColumn.ACCOUNT_EXTERNAL_ID) {
                columns.optional(PrimitiveTypeName.BINARY)
                        .as(LogicalTypeAnnotation.stringType())
                        .named(column.text());
            } else {
                columns.required(PrimitiveTypeName.BINARY)
                        .as(LogicalTypeAnnotation.stringType())
                        .named(column.text());
            }
        }
        return columns.named("usage");
    }

    /** @param file is replaced */
    static void write(InputStream csv, Path file) throws IOException {
        try (ParquetWriter<CSVRecord> writer = new Builder(new LocalOutputFile(file))
                .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .withPageWriteChecksumEnabled(true)
                .withRowGroupSize(ROW_GROUP_BYTES)
                .build()) {
            UsageRows.read(csv, writer::write);
        }
    }

    private static final class Builder extends ParquetWriter.Builder<CSVRecord, Builder> {
        Builder(OutputFile file) {
            super(file);
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        @SuppressWarnings("deprecation") // Abstract: there must be one.
        protected WriteSupport<CSVRecord> getWriteSupport(Configuration settings) {
            return new RowSupport();
        }
    }

    private static final class RowSupport extends WriteSupport<CSVRecord> {
        private RecordConsumer out;
        private String hour = "";
        private long hourMicros;

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
        public void write(CSVRecord row) {
            out.startMessage();
            for (int i = 0; i < COLUMNS.length; i++) {
                UsageColumn column = COLUMNS[i];
                String value = row.get(i);
                if (column == UsageColumn.ACCOUNT_EXTERNAL_ID && value.isEmpty()) {
                    continue;
                }
                out.startField(column.text(), i);
                if (column == UsageColumn.HOUR) {
                    out.addLong(micros(value));
                } else if (column.number()) {
                    out.addLong(Long.parseLong(value));
                } else {
                    out.addBinary(Binary.fromString(value));
                }
                out.endField(column.text(), i);
            }
            out.endMessage();
        }

        /** Rows of one hour stand together. */
        private long micros(String text) {
            if (!text.equals(hour)) {
                hour = text;
                hourMicros = Instant.parse(text).getEpochSecond() * 1_000_000;
            }
            return hourMicros;
        }
    }
}
