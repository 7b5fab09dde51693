package io.counterfoil.accesslog.record;

import java.util.zip.CRC32C;

/**
 * Writes records as log lines into its own buffer; {@link RecordFormat} draws the line. Allocates nothing per record. Not
 * thread-safe: one per stream.
 */
public final class RecordEncoder {
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
    private static final byte[] HEX_UPPER = {
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'
    };

    private static final byte[] TENS = new byte[100];
    private static final byte[] ONES = new byte[100];
    /** What stands in the line as it came. */
    private static final boolean[] PLAIN = new boolean[128];

    private static final int MICROS_A_SECOND = 1_000_000;

    static {
        for (int i = 0; i < 100; i++) {
            TENS[i] = (byte) ('0' + i / 10);
            ONES[i] = (byte) ('0' + i % 10);
        }
        for (int c = 0x20; c < 0x7f; c++) {
            PLAIN[c] = c != ',' && c != '"';
        }
    }

    private final byte[] line = new byte[RecordFormat.MAX_LINE_BYTES];
    /** The digits of the last time's second: a thousand records share them. */
    private final byte[] secondDigits = new byte[20];

    private int secondBytes;
    private long second = -1;
    private final CRC32C crc = new CRC32C();
    private byte[] salt = new byte[0];
    private int at;

    /** From the next record on, lines belong to this segment. */
    public void begin(SegmentId id) {
        salt = RecordFormat.salt(id);
    }

    /** The buffer that {@link #encode} fills from 0; valid until the next call. */
    public byte[] line() {
        return line;
    }

    /** Encodes one record; returns the line's length in bytes, its newline included. */
    public int encode(long seq, long tsMicros, RequestFacts facts) {
        at = 0;
        number(seq);
        time(tsMicros);
        number(facts.keyId());
        text(facts.route(), 64);
        text(facts.method(), RecordFormat.MAX_METHOD_BYTES);
        number(facts.status());
        number(facts.bytesIn());
        number(facts.bytesOut());
        number(facts.durationMicros());
        number(facts.units());
        text(facts.decision().text(), 16);
        int requestId = at;
        text(facts.requestId(), RecordFormat.MAX_REQUEST_ID_BYTES);
        KeyMask.maskPrefixed(line, requestId, at - 1);
        text(facts.client(), RecordFormat.MAX_CLIENT_BYTES);
        int path = at;
        boolean cut = text(facts.path(), RecordFormat.MAX_PATH_BYTES);
        KeyMask.mask(line, path, at - 1, cut);
        crc.reset();
        crc.update(salt, 0, salt.length);
        crc.update(line, 0, at);
        int value = (int) crc.getValue();
        for (int shift = 28; shift >= 0; shift -= 4) {
            line[at++] = HEX[(value >>> shift) & 15];
        }
        line[at++] = '\n';
        return at;
    }

    private void time(long micros) {
        long now = micros / MICROS_A_SECOND;
        if (now == 0) {
            // No leading zeros.
            number(micros);
            return;
        }
        if (now != second) {
            int start = at;
            digits(now);
            secondBytes = at - start;
            System.arraycopy(line, start, secondDigits, 0, secondBytes);
            second = now;
        } else {
            System.arraycopy(secondDigits, 0, line, at, secondBytes);
            at += secondBytes;
        }
        int rest = (int) (micros - now * MICROS_A_SECOND);
        pair(at, rest / 10_000);
        pair(at + 2, rest / 100 % 100);
        pair(at + 4, rest % 100);
        at += 6;
        line[at++] = ',';
    }

    private void number(long value) {
        digits(value);
        line[at++] = ',';
    }

    private void digits(long value) {
        long high = value;
        int end = at + length(value);
        int to = end;
        // Two digits a step; 32-bit division, which is the quicker one, as soon as it is enough.
        while (high > Integer.MAX_VALUE) {
            long rest = high / 100;
            to -= 2;
            pair(to, (int) (high - rest * 100));
            high = rest;
        }
        int low = (int) high;
        while (low >= 100) {
            int rest = low / 100;
            to -= 2;
            pair(to, low - rest * 100);
            low = rest;
        }
        if (low >= 10) {
            pair(to - 2, low);
        } else {
            line[to - 1] = ONES[low];
        }
        at = end;
    }

    private void pair(int position, int value) {
        line[position] = TENS[value];
        line[position + 1] = ONES[value];
    }

    private static int length(long value) {
        int length = 1;
        long bound = 10;
        while (length < 19 && value >= bound) {
            length++;
            bound *= 10;
        }
        return length;
    }

    /** Escapes what the line cannot hold; cuts at maxBytes, never inside an escape of its own. True where it cut. */
    private boolean text(String value, int maxBytes) {
        // In locals: as a field, the position would be stored for every character.
        byte[] out = line;
        int to = at;
        int end = to + maxBytes;
        boolean cut = false;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < 0x80 && PLAIN[c]) {
                if (to == end) {
                    cut = true;
                    break;
                }
                out[to++] = (byte) c;
                continue;
            }
            int codePoint = value.codePointAt(i);
            at = to;
            if (!escape(codePoint, end)) {
                cut = true;
                break;
            }
            to = at;
            if (Character.isSupplementaryCodePoint(codePoint)) {
                i++;
            }
        }
        out[to] = ',';
        at = to + 1;
        return cut;
    }

    /** The code point's UTF-8 bytes as {@code %XX}; a lone surrogate as those of U+FFFD. False where they do not fit. */
    private boolean escape(int codePoint, int end) {
        int c = codePoint >= 0xd800 && codePoint <= 0xdfff ? 0xfffd : codePoint;
        int bytes = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        if (at + 3 * bytes > end) {
            return false;
        }
        if (bytes == 1) {
            percent(c);
            return true;
        }
        int lead = bytes == 2 ? 0xc0 : bytes == 3 ? 0xe0 : 0xf0;
        percent(lead | (c >>> (6 * (bytes - 1))));
        for (int shift = 6 * (bytes - 2); shift >= 0; shift -= 6) {
            percent(0x80 | ((c >>> shift) & 0x3f));
        }
        return true;
    }

    private void percent(int value) {
        line[at++] = '%';
        line[at++] = HEX_UPPER[(value >>> 4) & 15];
        line[at++] = HEX_UPPER[value & 15];
    }
}
