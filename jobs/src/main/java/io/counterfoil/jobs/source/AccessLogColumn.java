package io.counterfoil.jobs.source;

import io.counterfoil.accesslog.record.CorruptRecordException;
import io.counterfoil.accesslog.record.Outcome;
import io.counterfoil.accesslog.record.RecordCursor;
import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.record.SegmentId;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * A column of the table, and how it is read: those of the log's line under their names there, then what places it. Null where an edge
 * sealed a value that is none (a status above 999): such a record is a reject.
 */
@SuppressWarnings("ImmutableEnumChecker") // Types and lambdas without state, of others.
public enum AccessLogColumn {
    SEQ(DataTypes.LongType, (out, i, at, place) -> out.put(i, at.seq())),
    TS_US(DataTypes.LongType, (out, i, at, place) -> out.put(i, at.tsMicros())),
    KEY_ID(DataTypes.LongType, (out, i, at, place) -> out.put(i, at.keyId())),
    ROUTE(DataTypes.StringType, text("route")),
    METHOD(DataTypes.StringType, text("method")),
    STATUS(DataTypes.IntegerType, (out, i, at, place) -> out.put(i, at.status())),
    BYTES_IN(DataTypes.LongType, (out, i, at, place) -> out.put(i, at.bytesIn())),
    BYTES_OUT(DataTypes.LongType, (out, i, at, place) -> out.put(i, at.bytesOut())),
    DURATION_US(DataTypes.LongType, (out, i, at, place) -> out.put(i, at.durationMicros())),
    UNITS(DataTypes.LongType, (out, i, at, place) -> out.put(i, at.units())),
    DECISION(DataTypes.StringType, text("decision")),
    REQUEST_ID(DataTypes.StringType, text("request_id")),
    CLIENT(DataTypes.StringType, text("client")),
    PATH(DataTypes.StringType, text("path")),
    CRC(DataTypes.StringType, text("crc")),
    EDGE(DataTypes.StringType, (out, i, at, place) -> out.put(i, place.edge())),
    EPOCH(DataTypes.StringType, (out, i, at, place) -> out.put(i, place.epoch())),
    STREAM(DataTypes.IntegerType, (out, i, at, place) -> out.put(i, place.stream())),
    SEGMENT(DataTypes.LongType, (out, i, at, place) -> out.put(i, place.segment())),
    /** The UTC hour's start. */
    HOUR(DataTypes.TimestampType, (out, i, at, place) -> out.put(i, at.tsMicros() - at.tsMicros() % 3_600_000_000L)),
    OUTCOME(
            DataTypes.StringType,
            (out, i, at, place) -> out.put(i, Place.OUTCOMES.get(Outcome.of(at.decision(), at.status()))));

    private static final StructType SCHEMA = new StructType(Arrays.stream(values())
            .map(column ->
                    new StructField(column.text(), column.type, true, org.apache.spark.sql.types.Metadata.empty()))
            .toArray(StructField[]::new));

    private final DataType type;
    private final Writer writer;

    AccessLogColumn(DataType type, Writer writer) {
        this.type = type;
        this.writer = writer;
    }

    /** What all records of a segment have in common, made once. */
    public record Place(UTF8String edge, UTF8String epoch, int stream, long segment) {
        private static final Map<Outcome, UTF8String> OUTCOMES = new EnumMap<>(Outcome.class);

        static {
            for (Outcome outcome : Outcome.values()) {
                OUTCOMES.put(outcome, UTF8String.fromString(outcome.text()));
            }
        }

        public static Place of(SegmentId id) {
            return new Place(
                    UTF8String.fromString(id.stream().edge()),
                    UTF8String.fromString(id.stream().epoch().toString()),
                    id.stream().stream(),
                    id.number());
        }
    }

    /** Where values go, each under its column's number there. */
    public interface Cells {
        void put(int ordinal, long value);

        void put(int ordinal, int value);

        void put(int ordinal, byte[] bytes, int from, int length);

        void put(int ordinal, UTF8String text);
    }

    private interface Writer {
        void write(Cells out, int ordinal, RecordCursor at, Place place) throws CorruptRecordException;
    }

    private static Writer text(String column) {
        int field = RecordFormat.COLUMNS.indexOf(column);
        return (out, i, at, place) ->
                out.put(i, at.bytes(), at.fieldStart(field), at.fieldEnd(field) - at.fieldStart(field));
    }

    static StructType schema() {
        return SCHEMA;
    }

    static AccessLogColumn of(StructField field) {
        return valueOf(field.name().toUpperCase(Locale.ROOT));
    }

    /** Its name in the table. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    public DataType type() {
        return type;
    }

    /**
     * Hands over the record's value.
     *
     * @throws CorruptRecordException where it has none; nothing was handed over then
     */
    public void write(Cells out, int ordinal, RecordCursor at, Place place) throws CorruptRecordException {
        writer.write(out, ordinal, at, place);
    }
}
