package io.counterfoil.edge.collector;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/** Tells once when a source's clock is off by more than a minute, and once when it is right again. On one event loop. */
final class SkewAlarm {
    /** Below it, a slow network or a retry of an old request may be all there is. */
    static final long MICROS = 60_000_000;

    private static final double MICROS_A_SECOND = 1e6;

    private final Consumer<String> notices;
    private final Set<String> off = new HashSet<>();

    SkewAlarm(Consumer<String> notices) {
        this.notices = notices;
    }

    void see(String source, long skewMicros) {
        if (Math.abs(skewMicros) > MICROS) {
            if (off.add(source)) {
                notices.accept("ALARM collector: the clock of " + source + " is "
                        + Math.round(Math.abs(skewMicros) / MICROS_A_SECOND) + " s "
                        + (skewMicros > 0 ? "ahead of" : "behind")
                        + " this machine's; its requests count in the hours that it says. Set one of them right");
            }
        } else if (off.remove(source)) {
            notices.accept("collector: the clock of " + source + " is right again");
        }
    }
}
