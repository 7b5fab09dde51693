package io.counterfoil.jobs.rollup;

/**
 * What requests are summed by.
 *
 * @param hourSeconds the UTC hour's start, seconds since 1970
 */
record UsageKey(long hourSeconds, long keyId, String route, String outcome) implements StagingKey {
    private static final long serialVersionUID = 1L;

    /** Spelled out, because a record's own is not promised to be the same in every JVM of a cluster. */
    @Override
    public int hashCode() {
        int hash = Long.hashCode(hourSeconds);
        hash = 31 * hash + Long.hashCode(keyId);
        hash = 31 * hash + route.hashCode();
        return 31 * hash + outcome.hashCode();
    }
}
