package io.counterfoil.jobs.push;

import io.counterfoil.sql.push.FlagPushStore;
import io.counterfoil.sql.push.FlagPushStore.Pushed;
import io.counterfoil.sql.push.OverLimit;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * A document a key that is over a limit, named by a prefix and the hash, for readers that look one key up. It expires at the last of its
 * resets and is deleted where its flags are lifted before. Written where what edges act on changed: what was used is as of then. Each is
 * noted as in doubt before it is put, so one that nobody noted any more is none that stays.
 */
final class KeyDocuments {
    /** KV takes no end that is less than a minute ahead; on the way there some seconds pass. */
    private static final Duration LEAST_LIFE = Duration.ofSeconds(70);

    private final KvTarget target;
    private final FlagPushStore store;
    private final String prefix;

    KeyDocuments(KvTarget target, FlagPushStore store, String prefix) {
        this.target = target;
        this.store = store;
        this.prefix = prefix;
    }

    /** What was done: documents put and deleted. */
    record Done(int put, int deleted) {
        static final Done NOTHING = new Done(0, 0);
    }

    Done push(OverLimit.All all, Instant now, boolean force) {
        String records = target.id() + " by key";
        Map<String, Pushed> before = store.pushed(records);
        List<KvTarget.Pair> put = new ArrayList<>();
        List<Pushed> doubtful = new ArrayList<>();
        List<Pushed> taken = new ArrayList<>();
        Map<String, Pushed> gone = new TreeMap<>(before);
        JsonFlags.byHash(all.limits()).forEach((hash, flags) -> {
            FlagText text = JsonFlags.ofKey(prefix + hash, flags);
            Optional<Pushed> last = Optional.ofNullable(gone.remove(text.name()));
            if (force || !last.map(Pushed::matter).equals(Optional.of(text.matter()))) {
                Instant end = end(flags, now);
                put.add(new KvTarget.Pair(
                        text.name(), text.bytes(all.version()), OptionalLong.of(end.getEpochSecond())));
                doubtful.add(Pushed.inDoubt(text.name(), all.version(), Optional.of(later(end, last)), now));
                taken.add(new Pushed(
                        text.name(), all.version(), text.matter(), text.figures(), Optional.of(end), now, now));
            }
        });
        List<String> lifted = gone.values().stream()
                .filter(each ->
                        each.expiresAt().filter(end -> !end.isAfter(now)).isEmpty())
                .map(Pushed::document)
                .toList();
        store.save(records, doubtful, true);
        target.put(put);
        store.save(records, taken, true);
        target.delete(lifted);
        store.forget(records, gone.keySet());
        return new Done(put.size(), lifted.size());
    }

    /** Until one is known to lie over the other, the last end of both counts: what has passed its end is not deleted. */
    private static Instant later(Instant end, Optional<Pushed> last) {
        return last.flatMap(Pushed::expiresAt).filter(end::isBefore).orElse(end);
    }

    private static Instant end(List<OverLimit> flags, Instant now) {
        Instant end = now.plus(LEAST_LIFE);
        for (OverLimit flag : flags) {
            end = flag.resetsAt().isAfter(end) ? flag.resetsAt() : end;
        }
        return end;
    }
}
