package io.counterfoil.jobs.push;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.push.FlagPushStore.Pushed;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Which documents are to be written. Of a file, what is in it tells. Of a store whose every answer costs, what it took last is remembered;
 * whether it still has that is asked every ten minutes. Figures that change while nobody's standing does, as what a warned key used, are
 * written once a minute: readers see a value for that long anyway.
 */
final class DueTexts {
    private static final Duration CHECK_EVERY = Duration.ofMinutes(10);
    private static final Duration FIGURES_EVERY = Duration.ofMinutes(1);

    private final FlagTarget target;
    private final Map<String, Pushed> last;
    private final long version;
    private final Instant now;
    private final boolean force;
    private final List<Pushed> seen = new ArrayList<>();

    /**
     * @param last what the target took
     * @param version of the texts
     * @param force all are due
     */
    DueTexts(FlagTarget target, Map<String, Pushed> last, long version, Instant now, boolean force) {
        this.target = target;
        this.last = last;
        this.version = version;
        this.now = now;
        this.force = force;
    }

    /** Those that are not due because the target was asked, and has them. */
    List<Pushed> seen() {
        return seen;
    }

    /** @throws OperatorException category INPUT where the target has a later version, or a file something else */
    boolean isDue(FlagText text) {
        if (force) {
            return true;
        }
        Optional<Pushed> pushed = Optional.ofNullable(last.get(text.name()));
        pushed.ifPresent(each -> requireNotLater(text, each.version()));
        boolean known = pushed.filter(each -> each.checkedAt().plus(CHECK_EVERY).isAfter(now))
                .isPresent();
        if (pushed.isPresent() && hasChanged(text, pushed.get())) {
            return true;
        }
        return !known && !has(text, pushed);
    }

    private boolean hasChanged(FlagText text, Pushed pushed) {
        return !pushed.matter().equals(text.matter())
                || (!pushed.figures().equals(text.figures())
                        && !pushed.pushedAt().plus(FIGURES_EVERY).isAfter(now));
    }

    /** Whether the target has it, asked just now. */
    private boolean has(FlagText text, Optional<Pushed> pushed) {
        byte[] there = target.read(text.name()).orElse(new byte[0]);
        OptionalLong version = text.versionOf(there);
        if (version.isPresent()) {
            requireNotLater(text, version.getAsLong());
        } else if (target.local() && there.length > 0) {
            throw OperatorException.input(
                    "file " + text.name() + " holds no flags of Counterfoil, expected none, an empty one, or one that"
                            + " push-flags wrote; nothing was changed: move it away, or name another");
        }
        if (!text.isIn(there)) {
            return false;
        }
        if (!target.local()) {
            seen.add(new Pushed(
                    text.name(),
                    version.getAsLong(),
                    text.matter(),
                    text.figures(),
                    Optional.empty(),
                    pushed.map(Pushed::pushedAt).orElse(now),
                    now));
        }
        return true;
    }

    private void requireNotLater(FlagText text, long there) {
        if (there > version) {
            throw OperatorException.input("flags " + text.name() + " at " + target.id() + " are of version " + there
                    + ", the database's are of version " + version
                    + ", expected none later: was the database restored, or does another"
                    + " one push there too? Where this one is right: push-flags --force, once");
        }
    }
}
