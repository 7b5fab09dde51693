package io.counterfoil.accesslog.record;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The access log's line format, version 1. A segment is line 1, the header, then one line a request:
 *
 * <pre>
 * #counterfoil-access-log v1 edge=E epoch=P stream=S segment=N
 * seq,ts_us,key_id,route,method,status,bytes_in,bytes_out,duration_us,units,decision,request_id,client,path,crc
 * </pre>
 *
 * <p>Every byte is printable ASCII or the line's end. A byte of text that is a comma, a quote, a control or not ASCII stands as
 * {@code %XX}; percent signs are left as they came, so that a path reads as its client sent it. {@code crc} is eight hex digits:
 * CRC-32C over {@code edge/epoch/stream/segment\n} and the line through the comma before it, so that a record moved to another
 * place never passes for one of that place.
 */
public final class RecordFormat {
    /** In the order of the line. */
    public static final List<String> COLUMNS = List.of(
            "seq",
            "ts_us",
            "key_id",
            "route",
            "method",
            "status",
            "bytes_in",
            "bytes_out",
            "duration_us",
            "units",
            "decision",
            "request_id",
            "client",
            "path",
            "crc");

    /** No line is longer, its newline included. */
    public static final int MAX_LINE_BYTES = 1024;

    static final int MAX_METHOD_BYTES = 32;
    static final int MAX_REQUEST_ID_BYTES = 64;
    static final int MAX_CLIENT_BYTES = 64;
    static final int MAX_PATH_BYTES = 256;
    static final int CRC_DIGITS = 8;

    /** What a route may be called. */
    public static final Pattern ROUTE_NAME = Pattern.compile("[a-z0-9._-]{1,64}");

    private static final Pattern HEADER = Pattern.compile(
            "#counterfoil-access-log v1 edge=(\\S+) epoch=(\\S+) stream=(\\d{1,3}) segment=(\\d{1,18})");

    private RecordFormat() {}

    /** Line 1 of a segment, with its newline. */
    public static byte[] header(SegmentId id) {
        StreamId stream = id.stream();
        return ("#counterfoil-access-log v1 edge=" + stream.edge() + " epoch=" + stream.epoch() + " stream="
                        + stream.stream() + " segment=" + id.number() + "\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** @throws IllegalArgumentException where the line (without newline) is not a header of this version */
    public static SegmentId parseHeader(String line) {
        Matcher matcher = HEADER.matcher(line);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("line 1 is not '#counterfoil-access-log v1 edge=… epoch=… …'");
        }
        StreamId stream =
                new StreamId(matcher.group(1), Epoch.parse(matcher.group(2)), Integer.parseInt(matcher.group(3)));
        return new SegmentId(stream, Long.parseLong(matcher.group(4)));
    }

    /** What the CRC of each of the segment's lines begins with. */
    public static byte[] salt(SegmentId id) {
        return (id + "\n").getBytes(StandardCharsets.US_ASCII);
    }
}
