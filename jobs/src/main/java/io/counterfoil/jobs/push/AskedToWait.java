package io.counterfoil.jobs.push;

import java.io.IOException;
import java.time.Duration;

/** Why a push failed: the target asks to be left alone for so long. */
final class AskedToWait extends IOException {
    private static final long serialVersionUID = 1L;

    private final Duration time;

    AskedToWait(Duration time) {
        super("asked to wait " + time.toSeconds() + " s");
        this.time = time;
    }

    Duration time() {
        return time;
    }
}
