package io.counterfoil.sql.export;

import java.math.BigInteger;

/** What rows of usage add up to; exact, however much it is. */
public record UsageSums(
        long rows,
        BigInteger requests,
        BigInteger units,
        BigInteger bytesIn,
        BigInteger bytesOut,
        BigInteger durationMicros) {
    public static final UsageSums NOTHING =
            new UsageSums(0, BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO);

    public UsageSums {
        if (rows < 0) {
            throw new IllegalArgumentException("rows are " + rows + ", expected none or more");
        }
    }

    public UsageSums plus(UsageSums other) {
        return new UsageSums(
                rows + other.rows,
                requests.add(other.requests),
                units.add(other.units),
                bytesIn.add(other.bytesIn),
                bytesOut.add(other.bytesOut),
                durationMicros.add(other.durationMicros));
    }
}
