package io.counterfoil.accesslog.seal;

/**
 * Requests that were served without a record.
 *
 * @param disk because no segment could be prepared: the disk is full, or too much waits on it for the landing
 * @param noSegment because the next segment was not prepared yet
 * @param lost records that were appended, but could not be read back when their segment was sealed: its file or mapping failed
 */
public record Unlogged(long disk, long noSegment, long lost) {
    public static final Unlogged NONE = new Unlogged(0, 0, 0);

    public long total() {
        return disk + noSegment + lost;
    }

    public Unlogged withLost(long records) {
        return new Unlogged(disk, noSegment, records);
    }
}
