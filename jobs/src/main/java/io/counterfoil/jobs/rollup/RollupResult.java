package io.counterfoil.jobs.rollup;

import io.counterfoil.sql.hours.CoverageStore;
import io.counterfoil.sql.rollup.MergeResult;

import java.util.ArrayList;
import java.util.List;

/**
 * What a rollup did.
 *
 * @param segments that got their verdict
 * @param records counted, of those segments
 * @param quarantined segments of which nothing was used, with the reason
 * @param unreadable streams whose seals could not be read, with the reason
 * @param flags raised or brought up to date
 * @param alarms what keeps hours incomplete when it ended, and what is wrong with sources
 */
public record RollupResult(
        int batches,
        long segments,
        long records,
        long rejects,
        List<String> quarantined,
        List<String> unreadable,
        List<MergeResult.Flag> flags,
        List<CoverageStore.Alarm> alarms) {
    public static final RollupResult NOTHING = new RollupResult(0, 0, 0, 0, List.of(), List.of(), List.of(), List.of());

    RollupResult plus(RollupResult later) {
        return new RollupResult(
                batches + later.batches,
                segments + later.segments,
                records + later.records,
                rejects + later.rejects,
                join(quarantined, later.quarantined),
                later.unreadable,
                join(flags, later.flags),
                later.alarms);
    }

    private static <T> List<T> join(List<T> one, List<T> other) {
        List<T> all = new ArrayList<>(one);
        all.addAll(other);
        return List.copyOf(all);
    }
}
