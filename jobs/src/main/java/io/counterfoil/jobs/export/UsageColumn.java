package io.counterfoil.jobs.export;

/** A column of exported usage, in the order of {@code export/usage.sql}. */
enum UsageColumn {
    HOUR,
    ACCOUNT,
    ACCOUNT_EXTERNAL_ID,
    KEY,
    ROUTE,
    OUTCOME,
    REQUESTS,
    UNITS,
    BYTES_IN,
    BYTES_OUT,
    DURATION_US;

    String text() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** Else a text. */
    boolean number() {
        return compareTo(REQUESTS) >= 0;
    }
}
