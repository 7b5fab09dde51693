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

    private final byte[] line = new byte[RecordFormat.MAX_LINE_BYTES];
    private final byte[] digits = new byte[20];
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
        number(tsMicros);
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

    private void number(long value) {
        long rest = value;
        int count = 0;
        do {
            digits[count++] = (byte) ('0' + rest % 10);
            rest /= 10;
        } while (rest != 0);
        while (count > 0) {
            line[at++] = digits[--count];
        }
        line[at++] = ',';
    }

    /** Escapes what the line cannot hold; cuts at maxBytes, never inside an escape of its own. True where it cut. */
    private boolean text(String value, int maxBytes) {
        int end = at + maxBytes;
        boolean cut = false;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c >= 0x20 && c < 0x7f && c != ',' && c != '"') {
                if (at == end) {
                    cut = true;
                    break;
                }
                line[at++] = (byte) c;
                continue;
            }
            int codePoint = value.codePointAt(i);
            if (!escape(codePoint, end)) {
                cut = true;
                break;
            }
            if (Character.isSupplementaryCodePoint(codePoint)) {
                i++;
            }
        }
        line[at++] = ',';
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
