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
 * whether it still has that is asked every ten minutes, and before each write, since what is remembered may be that of a restored database.
 * Figures that change while nobody's standing does, as what a warned key used, are written once a minute: readers see a value for that
 * long anyway.
 */
final class DueTexts {
    private static final Duration CHECK_EVERY = Duration.ofMinutes(10);
    private static final Duration FIGURES_EVERY = Duration.ofMinutes(1);

    private final FlagTarget target;
    private final Map<String, Pushed> last;
    private final long version;
    private final Instant now;
    private final Doubt doubt;
    private final List<Pushed> seen = new ArrayList<>();

    /** How far what is remembered, and what the target answers, is believed. */
    enum Doubt {
        NONE,
        /** All are written again; what the target answers may be what it had before. */
        REMEMBERED,
        /** All are written, over whatever is there. */
        FORCE
    }

    /**
     * @param last what the target took
     * @param version of the texts
     */
    DueTexts(FlagTarget target, Map<String, Pushed> last, long version, Instant now, Doubt doubt) {
        this.target = target;
        this.last = last;
        this.version = version;
        this.now = now;
        this.doubt = doubt;
    }

    /** Those that are not due because the target was asked, and has them. */
    List<Pushed> seen() {
        return seen;
    }

    /** @throws OperatorException category INPUT where the target has a later version, or a file something else */
    boolean isDue(FlagText text) {
        if (doubt == Doubt.FORCE) {
            return true;
        }
        Optional<Pushed> pushed = Optional.ofNullable(last.get(text.name()));
        pushed.ifPresent(each -> requireNotLater(text, each.version()));
        boolean doubtful = doubt != Doubt.NONE || pushed.filter(Pushed::inDoubt).isPresent();
        if (!doubtful && pushed.filter(each -> isKnown(text, each)).isPresent()) {
            return false;
        }
        byte[] there = there(text);
        // A store may answer for a while with what it had before: what is in doubt is written whatever it says.
        if (doubtful || !text.isIn(there)) {
            return true;
        }
        if (!target.local()) {
            seen.add(new Pushed(
                    text.name(),
                    text.versionOf(there).getAsLong(),
                    text.matter(),
                    text.figures(),
                    Optional.empty(),
                    pushed.map(Pushed::pushedAt).orElse(now),
                    now));
        }
        return false;
    }

    private boolean isKnown(FlagText text, Pushed pushed) {
        boolean same = pushed.figures().equals(text.figures())
                || pushed.pushedAt().plus(FIGURES_EVERY).isAfter(now);
        return pushed.matter().equals(text.matter())
                && same
                && pushed.checkedAt().plus(CHECK_EVERY).isAfter(now);
    }

    /** What the target has, asked just now; it is none that must stay. */
    private byte[] there(FlagText text) {
        byte[] there = target.read(text.name()).orElse(new byte[0]);
        OptionalLong version = text.versionOf(there);
        if (version.isPresent()) {
            requireNotLater(text, version.getAsLong());
        } else if (target.local() && there.length > 0) {
            throw OperatorException.input(
                    "file " + text.name() + " holds no flags of Counterfoil, expected none, an empty one, or one that"
                            + " push-flags wrote; nothing was changed: move it away, or name another");
        }
        return there;
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
