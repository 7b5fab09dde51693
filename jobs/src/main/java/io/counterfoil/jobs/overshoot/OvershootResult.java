package io.counterfoil.jobs.overshoot;

/**
 * What a run told.
 *
 * @param crossings limits that were used up, of which it is told how
 * @param untold of which it cannot be told
 * @param damaged of them, because a segment is not what was sealed
 * @param passed requests that passed meanwhile, of all of them
 */
public record OvershootResult(long crossings, long untold, long damaged, long passed) {
    OvershootResult plus(OvershootResult other) {
        return new OvershootResult(
                crossings + other.crossings, untold + other.untold, damaged + other.damaged, passed + other.passed);
    }
}
