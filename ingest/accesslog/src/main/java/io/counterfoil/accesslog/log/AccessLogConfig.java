package io.counterfoil.accesslog.log;

import java.nio.file.Path;

/**
 * @param folder the edge's data folder; one process at a time
 * @param edge the edge's name; a data folder keeps the one it was first used with
 * @param streams how many event loops write
 * @param segmentBytes capacity of a segment; a full one is rolled whatever its age. Default 8 MiB
 * @param filesPerStream segment files that are used in turn: one active, the others being sealed or ready. 2 or more; default 4
 */
public record AccessLogConfig(Path folder, String edge, int streams, int segmentBytes, int filesPerStream) {
    public AccessLogConfig {
        if (streams < 1 || streams > 999) {
            throw new IllegalArgumentException("streams is " + streams + ", expected 1 to 999");
        }
        if (segmentBytes < 4096 || segmentBytes > 32 << 20) {
            throw new IllegalArgumentException("segmentBytes is " + segmentBytes + ", expected 4 KiB to 32 MiB");
        }
        if (filesPerStream < 2 || filesPerStream >= ControlPage.SLOTS) {
            throw new IllegalArgumentException("filesPerStream is " + filesPerStream + ", expected 2 to 63");
        }
    }

    public static AccessLogConfig of(Path folder, String edge, int streams) {
        return new AccessLogConfig(folder, edge, streams, 8 << 20, 4);
    }
}
