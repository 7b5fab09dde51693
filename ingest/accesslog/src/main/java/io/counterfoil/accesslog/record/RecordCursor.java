package io.counterfoil.accesslog.record;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * Walks the lines of one segment held in memory. {@link #next} checks each line's form, CRC and sequence before any of its
 * columns can be read; a line that fails is corruption, with its byte position. Not thread-safe.
 *
 * <p>Whether the whole segment is what was sealed is the reader's to check, before anything read here is used.
 */
public final class RecordCursor {
    private static final int FIELDS = RecordFormat.COLUMNS.size();

    private final byte[] data;
    private final int end;
    private final CRC32C crc = new CRC32C();
    private final byte[] salt;
    /** Where field i begins; field i ends one before field i + 1 begins. */
    private final int[] starts = new int[FIELDS + 1];

    private int at;
    private long seq;
    private boolean first = true;
    /** Asked for by whoever verifies and by whoever counts. */
    private long ts;

    private int tsAt = -1;

    /** Reads the records between two byte positions of the data, the first one behind the header's newline. */
    public RecordCursor(SegmentId id, byte[] data, int from, int to) {
        this.data = data;
        this.salt = RecordFormat.salt(id);
        this.at = from;
        this.end = to;
    }

    /** Byte position of the line that {@link #next} will read. */
    public int position() {
        return at;
    }

    /** Byte position of the line that {@link #next} read. */
    public int linePosition() {
        return starts[0];
    }

    /**
     * Moves to the next record; false at the end.
     *
     * @throws CorruptRecordException where the line's form, CRC or sequence is wrong; the cursor stays before it
     */
    public boolean next() throws CorruptRecordException {
        if (at == end) {
            return false;
        }
        int lineEnd = split();
        checkCrc(lineEnd);
        long read = number(0);
        if (!first && read != seq + 1) {
            throw new CorruptRecordException("seq is " + read + ", expected " + (seq + 1), at);
        }
        first = false;
        seq = read;
        at = lineEnd + 1;
        return true;
    }

    /**
     * Reads a record again, by the byte position where {@link #linePosition} was when {@link #next} read it, in whatever order. The
     * CRC is not checked again. The walk by {@link #next} does not go on from there.
     *
     * @throws CorruptRecordException where no line of the form begins there
     */
    public void readAgain(int position) throws CorruptRecordException {
        at = position;
        split();
        seq = number(0);
    }

    /** Eight bytes a step: most hold no field's end. */
    private int split() throws CorruptRecordException {
        int field = 0;
        starts[0] = at;
        int limit = Math.min(end, at + RecordFormat.MAX_LINE_BYTES);
        for (int word = at; word < limit; word += Long.BYTES) {
            long marked = word + Long.BYTES <= limit ? Bytes.special((long) Bytes.LONG.get(data, word)) : Bytes.ALL;
            while (marked != 0) {
                int i = word + (Long.numberOfTrailingZeros(marked) >>> 3);
                marked &= marked - 1;
                if (i >= limit) {
                    break;
                }
                byte b = data[i];
                if (b == ',') {
                    if (++field == FIELDS) {
                        throw new CorruptRecordException("more than " + FIELDS + " fields", at);
                    }
                    starts[field] = i + 1;
                } else if (b == '\n') {
                    if (field != FIELDS - 1) {
                        throw new CorruptRecordException((field + 1) + " fields, expected " + FIELDS, at);
                    }
                    starts[FIELDS] = i + 1;
                    return i;
                } else if (b < 0x20 || b == 0x7f) {
                    throw new CorruptRecordException("control or non-ASCII byte " + (b & 0xff) + " at byte " + i, at);
                }
            }
        }
        throw new CorruptRecordException("no line end", at);
    }

    private void checkCrc(int lineEnd) throws CorruptRecordException {
        int crcStart = starts[FIELDS - 1];
        crc.reset();
        crc.update(salt, 0, salt.length);
        crc.update(data, at, crcStart - at);
        long expected = crc.getValue();
        long stated = lineEnd - crcStart == RecordFormat.CRC_DIGITS ? hex(crcStart) : -1;
        if (stated != expected) {
            throw new CorruptRecordException(
                    "crc is '" + text(FIELDS - 1) + "', expected " + String.format("%08x", expected), at);
        }
    }

    private long hex(int from) {
        long value = 0;
        for (int i = from; i < from + RecordFormat.CRC_DIGITS; i++) {
            byte b = data[i];
            if (b >= '0' && b <= '9') {
                value = value << 4 | (b - '0');
            } else if (b >= 'a' && b <= 'f') {
                value = value << 4 | (b - 'a' + 10);
            } else {
                return -1;
            }
        }
        return value;
    }

    /** @throws CorruptRecordException where the field is not a decimal number below 2^63 */
    private long number(int field) throws CorruptRecordException {
        int to = starts[field + 1] - 1;
        int digits = to - starts[field];
        if (digits < 1 || digits > 2 * Long.BYTES || starts[field] < Long.BYTES) {
            return anyNumber(field);
        }
        long value = digits <= Long.BYTES
                ? Bytes.number(data, to, digits)
                : Bytes.number(data, to - Long.BYTES, digits - Long.BYTES) * 100_000_000
                        + Bytes.number(data, to, Long.BYTES);
        if (value < 0) {
            throw badNumber(field);
        }
        return value;
    }

    private long anyNumber(int field) throws CorruptRecordException {
        int from = starts[field];
        int to = starts[field + 1] - 1;
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = data[i] - '0';
            if (digit < 0 || digit > 9 || value > (Long.MAX_VALUE - digit) / 10) {
                throw badNumber(field);
            }
            value = value * 10 + digit;
        }
        if (from == to) {
            throw badNumber(field);
        }
        return value;
    }

    private CorruptRecordException badNumber(int field) {
        return new CorruptRecordException(
                RecordFormat.COLUMNS.get(field) + " is '" + text(field) + "', expected a number", starts[0]);
    }

    private String text(int field) {
        int from = starts[field];
        return new String(data, from, starts[field + 1] - 1 - from, StandardCharsets.US_ASCII);
    }

    public long seq() {
        return seq;
    }

    public long tsMicros() throws CorruptRecordException {
        if (tsAt != starts[0]) {
            ts = number(1);
            tsAt = starts[0];
        }
        return ts;
    }

    public long keyId() throws CorruptRecordException {
        return number(2);
    }

    public String route() {
        return text(3);
    }

    /** The bytes that the cursor walks over; not a copy. */
    public byte[] bytes() {
        return data;
    }

    /** Where the line's column of that number in {@link RecordFormat#COLUMNS} begins in {@link #bytes}. */
    public int fieldStart(int column) {
        return starts[column];
    }

    /** Behind the column's last byte. */
    public int fieldEnd(int column) {
        return starts[column + 1] - 1;
    }

    public int status() throws CorruptRecordException {
        long status = number(5);
        if (status < 100 || status > 999) {
            throw new CorruptRecordException("status is " + status + ", expected 100 to 999", starts[0]);
        }
        return (int) status;
    }

    public long bytesIn() throws CorruptRecordException {
        return number(6);
    }

    public long bytesOut() throws CorruptRecordException {
        return number(7);
    }

    public long durationMicros() throws CorruptRecordException {
        return number(8);
    }

    public long units() throws CorruptRecordException {
        return number(9);
    }

    public Decision decision() throws CorruptRecordException {
        int from = starts[10];
        int to = starts[11] - 1;
        return Decision.parse(data, from, to)
                .orElseThrow(() -> new CorruptRecordException("decision is '" + text(10) + "'", starts[0]));
    }

    /** The whole record; allocates, for people and tests. */
    public LogRecord record() throws CorruptRecordException {
        RequestFacts facts = new RequestFacts(
                keyId(),
                route(),
                text(4),
                status(),
                bytesIn(),
                bytesOut(),
                durationMicros(),
                units(),
                decision(),
                text(11),
                text(12),
                text(13));
        return new LogRecord(seq, tsMicros(), facts);
    }
}
