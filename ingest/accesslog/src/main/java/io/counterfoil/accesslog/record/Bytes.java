package io.counterfoil.accesslog.record;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Eight bytes of a line at once, as a little-endian long (Henry S. Warren, Hacker's Delight, 6-1; Daniel Lemire, "Quickly parsing
 * eight digits", 2018).
 */
final class Bytes {
    /** Reads eight bytes at any position. */
    static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** What {@link #special} gives where it marks every byte. */
    static final long ALL = 0x8080808080808080L;

    private static final long ONES = 0x0101010101010101L;

    private Bytes() {}

    /** Marks the high bit of each byte that is a comma, below 0x20, 0x7f or above, and perhaps of others behind such a one. */
    static long special(long eight) {
        long comma = eight ^ ONES * ',';
        long delete = eight ^ ONES * 0x7f;
        return ((comma - ONES & ~comma) | (delete - ONES & ~delete) | (eight - ONES * 0x20 & ~eight) | eight) & ALL;
    }

    /**
     * The number that one to eight bytes before {@code to} write, without a branch for each; far below 0 where one is no digit.
     * Eight bytes must lie before {@code to}.
     */
    static long number(byte[] data, int to, int digits) {
        int before = Byte.SIZE * (Long.BYTES - digits);
        long kept = -1L << before;
        long eight = ((long) LONG.get(data, to - Long.BYTES) & kept) | (ONES * '0' & ~kept);
        return areDigits(eight) ? digits(eight) : Long.MIN_VALUE / 1_000_000_000;
    }

    /** Whether all eight are ASCII digits. */
    private static boolean areDigits(long eight) {
        return ((eight & 0xF0F0F0F0F0F0F0F0L) | ((eight + 0x0606060606060606L & 0xF0F0F0F0F0F0F0F0L) >>> 4))
                == 0x3333333333333333L;
    }

    /** The number that eight digits write. */
    private static long digits(long eight) {
        long value = ((eight & 0x0F0F0F0F0F0F0F0FL) * 2561) >>> 8;
        value = ((value & 0x00FF00FF00FF00FFL) * 6553601) >>> 16;
        return ((value & 0x0000FFFF0000FFFFL) * 42949672960001L) >>> 32;
    }
}
