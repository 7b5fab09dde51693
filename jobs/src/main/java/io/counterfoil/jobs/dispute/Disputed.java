package io.counterfoil.jobs.dispute;

import java.util.List;

/**
 * What a file holds.
 *
 * @param notFound requests that are counted and whose records are neither in the landing nor in the archive
 * @param differences how many checks are not equal
 * @param first of these, for people
 */
public record Disputed(int lines, int hours, long records, long notFound, long differences, List<String> first) {
    public Disputed {
        first = List.copyOf(first);
    }
}
