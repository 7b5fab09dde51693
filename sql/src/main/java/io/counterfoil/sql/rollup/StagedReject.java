package io.counterfoil.sql.rollup;

import java.io.Serializable;

/**
 * A line that is no request.
 *
 * @param file the foreign file, or the segment itself
 * @param line its number there, from 1; 0 where unknown
 * @param bytePosition of its first byte there
 */
public record StagedReject(SegmentKey segment, String file, long line, long bytePosition, long bytes, String reason)
        implements Serializable {}
