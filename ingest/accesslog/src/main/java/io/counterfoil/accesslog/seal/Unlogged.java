package io.counterfoil.accesslog.seal;

/**
 * Requests that were served without a record.
 *
 * @param disk because the log could not be written
 * @param noSegment because no prepared segment was ready
 */
public record Unlogged(long disk, long noSegment) {
    public static final Unlogged NONE = new Unlogged(0, 0);

    public long total() {
        return disk + noSegment;
    }
}
