package io.counterfoil.accesslog.seal;

/**
 * What was found when a segment was sealed by a later process than the one that wrote it.
 *
 * @param cutBytes how many bytes behind the last whole record were dropped: an append that the death interrupted
 * @param loss {@code none} where only the process died; {@code since T} where the machine did, T the time of the last force
 * @param forcedLost records that had been forced to the disk and are not there: the disk did not keep its word. 0 is the rule
 */
public record Recovery(long cutBytes, String loss, long forcedLost) {}
