package io.counterfoil.sql.rollup;

import java.util.Optional;
import java.util.Set;

/**
 * A second look that a person asked for and no batch took yet.
 *
 * @param sealJson the seal that the first verdict went by
 * @param rejects at which bytes the segment's rejects begin that are to be judged again, nothing else of it; empty: the whole
 *     segment is
 */
public record OpenRepair(long id, SegmentKey segment, String sealJson, Optional<Set<Long>> rejects) {
    public OpenRepair {
        rejects = rejects.map(Set::copyOf);
    }
}
