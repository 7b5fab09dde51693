package io.counterfoil.jobs.rating;

import java.util.ArrayList;
import java.util.List;

/**
 * The versions that were in force one after another within a period, for an account's subscription or for keys that override it. Tiers and
 * included amounts are a timeline's own.
 *
 * @param segments in order of time, at least one; those of the same version that follow one another become one: a change to the same
 *     plan changes nothing
 */
public record Timeline(List<Segment> segments) {
    public Timeline {
        if (segments.isEmpty()) {
            throw new IllegalArgumentException("a timeline has no segments, expected at least one");
        }
        List<Segment> merged = new ArrayList<>();
        for (Segment segment : segments) {
            int last = merged.size() - 1;
            if (last >= 0 && segment.goesOn(merged.get(last))) {
                merged.set(last, merged.get(last).and(segment));
            } else {
                merged.add(segment);
            }
        }
        segments = List.copyOf(merged);
    }

    public static Timeline of(Segment... segments) {
        return new Timeline(List.of(segments));
    }

    long hours() {
        return segments.stream().mapToLong(Segment::hours).reduce(0, Math::addExact);
    }

    Segment last() {
        return segments.get(segments.size() - 1);
    }
}
