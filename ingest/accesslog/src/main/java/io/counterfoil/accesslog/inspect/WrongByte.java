package io.counterfoil.accesslog.inspect;

import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.record.SegmentId;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Finds the one byte of a line that is wrong, where it is one: a CRC-32C tells not only that a line of this length is damaged, but by
 * trial which single byte's change would make it right.
 */
final class WrongByte {
    private static final int CRC_DIGITS = 8;
    private static final int BYTE_VALUES = 256;

    private WrongByte() {}

    /**
     * @param from where the line begins
     * @return what is wrong and where, for people; empty where it is not one byte
     */
    static Optional<String> find(SegmentId id, byte[] csv, int from) {
        byte[] salt = RecordFormat.salt(id);
        int end = from;
        int limit = Math.min(csv.length, from + RecordFormat.MAX_LINE_BYTES);
        while (end < limit && csv[end] != '\n') {
            end++;
        }
        if (end - CRC_DIGITS > from && matches(salt, csv, from, end)) {
            // The line itself is as it was written: what is wrong is its place, or its end.
            return Optional.empty();
        }
        for (int split = from + CRC_DIGITS + 1; split < end; split++) {
            if (matches(salt, csv, from, split)) {
                return Optional.of(told(split, csv[split], '\n'));
            }
        }
        int crcStart = end - CRC_DIGITS;
        if (crcStart <= from) {
            return Optional.empty();
        }
        String expected = crc(salt, csv, from, crcStart);
        int differing = -1;
        int differences = 0;
        for (int i = 0; i < CRC_DIGITS; i++) {
            if (csv[crcStart + i] != expected.charAt(i)) {
                differing = crcStart + i;
                differences++;
            }
        }
        if (differences == 1 && csv[crcStart - 1] == ',') {
            return Optional.of(told(differing, csv[differing], expected.charAt(differing - crcStart)));
        }
        return tryEach(salt, csv, from, end);
    }

    private static Optional<String> tryEach(byte[] salt, byte[] csv, int from, int end) {
        byte[] line = Arrays.copyOfRange(csv, from, end);
        for (int i = 0; i < line.length - CRC_DIGITS; i++) {
            byte is = line[i];
            for (int value = 0; value < BYTE_VALUES; value++) {
                line[i] = (byte) value;
                if (matches(salt, line, 0, line.length)) {
                    return Optional.of(told(from + i, is, value));
                }
            }
            line[i] = is;
        }
        return Optional.empty();
    }

    /** Whether the line without newline ends in a comma and the CRC of what is before. */
    private static boolean matches(byte[] salt, byte[] bytes, int from, int to) {
        int crcStart = to - CRC_DIGITS;
        if (bytes[crcStart - 1] != ',') {
            return false;
        }
        CRC32C crc = new CRC32C();
        crc.update(salt, 0, salt.length);
        crc.update(bytes, from, crcStart - from);
        long value = crc.getValue();
        for (int i = CRC_DIGITS - 1; i >= 0; i--) {
            if (bytes[crcStart + i] != Character.forDigit((int) (value & 15), 16)) {
                return false;
            }
            value >>>= 4;
        }
        return true;
    }

    private static String crc(byte[] salt, byte[] bytes, int from, int to) {
        CRC32C crc = new CRC32C();
        crc.update(salt, 0, salt.length);
        crc.update(bytes, from, to - from);
        return String.format("%08x", crc.getValue());
    }

    static String told(int at, int is, int expected) {
        return "byte " + at + " is " + shown(is) + ", expected " + shown(expected);
    }

    private static String shown(int value) {
        int unsigned = value & 0xFF;
        String hex = String.format("0x%02x", unsigned);
        return unsigned > ' ' && unsigned < 0x7F
                ? hex + " '" + new String(new byte[] {(byte) unsigned}, StandardCharsets.US_ASCII) + "'"
                : hex;
    }
}
