package io.counterfoil.edge.snapshot;

import java.util.Locale;
import java.util.Optional;

/** What follows from a flag, in rising order. */
public enum FlagAction {
    /** The owner is told; the edge does nothing. */
    NOTIFY("owner is notified"),
    /** Requests are answered with a warning header. */
    WARN("warned"),
    /** Requests are refused with 429. */
    REFUSE("refused");

    private final String effect;

    FlagAction(String effect) {
        this.effect = effect;
    }

    /** What happens to the key, for the operator. */
    String effect() {
        return effect;
    }

    static Optional<FlagAction> parse(String text) {
        for (FlagAction action : values()) {
            if (action.name().toLowerCase(Locale.ROOT).equals(text)) {
                return Optional.of(action);
            }
        }
        return Optional.empty();
    }
}
