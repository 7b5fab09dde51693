package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.jobs.imports.RotatedLog.LogFile;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** What is said of a log that is followed: a line a change, none for idleness. */
final class FollowNotes {
    private final String name;
    private final Consumer<String> say;
    private final Set<String> said = new HashSet<>();
    private Optional<Object> liveKey = Optional.empty();
    private List<KnownFile> truncatedBefore = List.of();

    FollowNotes(String name, Consumer<String> say) {
        this.name = name;
        this.say = say;
    }

    /** Says it where nothing was said about that yet. */
    void once(String about, String line) {
        if (said.add(about)) {
            say.accept(line);
        }
    }

    /** These are there now: says so where the live one is another than before. */
    void files(List<LogFile> files) {
        Optional<LogFile> live = files.stream().filter(LogFile::live).findFirst();
        if (live.isEmpty() || live.map(LogFile::key).equals(liveKey)) {
            return;
        }
        Optional<LogFile> renamed = files.stream()
                .filter(file -> liveKey.equals(Optional.of(file.key())))
                .findFirst();
        if (liveKey.isPresent()) {
            say.accept(name + " was rotated"
                    + renamed.map(file -> ": it is " + file.name() + " now").orElse(""));
        }
        liveKey = live.map(LogFile::key);
    }

    /** What it shares with the known one is not counted again, and may be another's. */
    void unsure(LogFile file, KnownFile known) {
        once(
                "unsure " + file.key() + " " + known.stream(),
                file.name()
                        + " begins with lines of one time that were counted from another file; whether it is a copy of that cannot be"
                        + " told, and they are not counted again. If it is none, they are missing: import it under another --source");
    }

    void rewritten(LogFile file, KnownFile known) {
        once(
                "rewritten " + file.key() + " " + known.stream(),
                file.name() + " begins as one that was counted up to byte " + known.to()
                        + ", and does not hold what was read of that: it was rewritten. Nothing of it is counted;"
                        + " import it under another --source");
    }

    void truncated(String file, KnownFile known) {
        say.accept(file + " was truncated, it had been read up to byte " + known.to());
    }

    /**
     * A look is over: says what was truncated in the one before and goes on nowhere. Its copy may have been made after that look
     * had listed the files.
     *
     * @param truncated in this look
     * @param found whose lines are found in files that are there
     */
    void looked(List<KnownFile> truncated, Set<StreamId> found) {
        truncatedBefore.stream()
                .filter(file -> !found.contains(file.stream()))
                .forEach(file ->
                        say.accept("nothing beside " + name + " goes on where it was read up to, byte " + file.to()
                                + ": what was written behind that before it was truncated is lost, if anything was"));
        truncatedBefore = truncated;
    }
}
