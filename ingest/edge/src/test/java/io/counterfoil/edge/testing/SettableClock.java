package io.counterfoil.edge.testing;

import java.time.Instant;
import java.time.InstantSource;

/** A clock that shows what a test sets. */
public final class SettableClock implements InstantSource {
    private volatile Instant now;

    public SettableClock(Instant now) {
        this.now = now;
    }

    public void set(Instant next) {
        now = next;
    }

    @Override
    public Instant instant() {
        return now;
    }
}
