package io.counterfoil.jobs.export;

import io.counterfoil.sql.export.UsageSums;

import java.math.BigInteger;

/** Adds up the numbers at the end of rows of usage, as they stand in the file. Not thread-safe. */
final class RunningSums {
    private static final int COLUMNS = 5;

    private final long[] low = new long[COLUMNS];
    private final BigInteger[] high = new BigInteger[COLUMNS];
    private long rows;

    RunningSums() {
        clear();
    }

    /** @param row a line of CSV with its newline, the last five fields of which are whole numbers, none negative */
    void add(byte[] row) {
        int at = row.length - 2;
        for (int column = COLUMNS - 1; column >= 0; column--) {
            long value = 0;
            long unit = 1;
            for (; at >= 0 && row[at] != ','; at--) {
                int digit = row[at] - '0';
                if (digit < 0 || digit > 9) {
                    throw new IllegalStateException("a row of usage ends in no numbers, at byte " + at);
                }
                value += digit * unit;
                unit *= 10;
            }
            at--;
            add(column, value);
        }
        rows++;
    }

    private void add(int column, long value) {
        long sum = low[column] + value;
        if (sum < 0) {
            high[column] = high[column].add(BigInteger.valueOf(low[column]));
            sum = value;
        }
        low[column] = sum;
    }

    /** What was added since the last time. */
    UsageSums take() {
        BigInteger[] sums = new BigInteger[COLUMNS];
        for (int i = 0; i < COLUMNS; i++) {
            sums[i] = high[i].add(BigInteger.valueOf(low[i]));
        }
        UsageSums taken = new UsageSums(rows, sums[0], sums[1], sums[2], sums[3], sums[4]);
        clear();
        return taken;
    }

    private void clear() {
        java.util.Arrays.fill(low, 0);
        java.util.Arrays.fill(high, BigInteger.ZERO);
        rows = 0;
    }
}
