package io.counterfoil.accesslog.log;

import java.nio.file.Path;
import java.time.Duration;

/**
 * @param folder the edge's data folder; one process at a time
 * @param edge the edge's name; a data folder keeps the one it was first used with
 * @param streams how many event loops write
 * @param segmentBytes capacity of a segment; a full one is rolled whatever its age. Default 8 MiB
 * @param filesPerStream how many segment files a stream may have at once: one active, the others ready or being sealed; only as
 *     many are made as are needed. 2 to 63, default 8
 * @param forceEvery the oldest record that power loss may take is about this old (a roll and its seal are a force too). Default
 *     1 s; how it was chosen stands in bench/RESULTS.md
 * @param maxWaitingBytes how much may wait on this disk, sealed and compressed, for the landing to take it; beyond it no segment
 *     is prepared, and requests go unlogged for reason {@code disk}. Default 4 GiB
 */
public record AccessLogConfig(
        Path folder,
        String edge,
        int streams,
        int segmentBytes,
        int filesPerStream,
        Duration forceEvery,
        long maxWaitingBytes) {
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
        if (forceEvery.compareTo(Duration.ofMillis(1)) < 0 || forceEvery.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("forceEvery is " + forceEvery + ", expected 1 ms to 1 h");
        }
        if (maxWaitingBytes < 0) {
            throw new IllegalArgumentException("maxWaitingBytes is " + maxWaitingBytes + ", expected 0 or more");
        }
    }

    public static AccessLogConfig of(Path folder, String edge, int streams) {
        return new AccessLogConfig(folder, edge, streams, 8 << 20, 8, Duration.ofSeconds(1), 4L << 30);
    }

    public AccessLogConfig withSegmentBytes(int bytes) {
        return new AccessLogConfig(folder, edge, streams, bytes, filesPerStream, forceEvery, maxWaitingBytes);
    }

    public AccessLogConfig withFilesPerStream(int files) {
        return new AccessLogConfig(folder, edge, streams, segmentBytes, files, forceEvery, maxWaitingBytes);
    }

    public AccessLogConfig withForceEvery(Duration every) {
        return new AccessLogConfig(folder, edge, streams, segmentBytes, filesPerStream, every, maxWaitingBytes);
    }

    public AccessLogConfig withMaxWaitingBytes(long bytes) {
        return new AccessLogConfig(folder, edge, streams, segmentBytes, filesPerStream, forceEvery, bytes);
    }
}
