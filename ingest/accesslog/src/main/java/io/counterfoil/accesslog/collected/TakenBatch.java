package io.counterfoil.accesslog.collected;

/**
 * What became of a batch; it is on the disk.
 *
 * @param records taken; 0 of a duplicate
 * @param held of these, how many wait for their key to become known
 * @param duplicate it had been taken before, and nothing was added
 */
public record TakenBatch(int records, int held, boolean duplicate) {}
