package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.jobs.imports.FollowedFile.Progress;
import io.counterfoil.jobs.imports.RotatedLog.LogFile;
import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Takes over each line of a log that is written and rotated exactly once. While it runs, a file is known by its device and inode and
 * is kept open; what is there when it starts is told by what it holds, against the seals. Each known file is found in at most one
 * that is there, and each that is there continues at most one that is known; what continues none is new. Not thread-safe.
 */
final class LogFollower implements AutoCloseable {
    /** A rotated file that was quiet that often is closed; it is opened again if it grows all the same. */
    private static final int QUIET_LOOKS = 60;

    private final RotatedLog log;
    private final FollowContext context;
    private final FollowNotes notes;
    private final Map<StreamId, KnownFile> known = new HashMap<>();
    private final Map<Object, FollowedFile> followed = new HashMap<>();
    private final Map<Object, Settled> settled = new HashMap<>();
    /** Files that turned up as a copy of the live one while that was followed. */
    private final Map<Object, StreamId> copies = new HashMap<>();

    private Map<Object, LogFile> there = Map.of();
    private Set<Object> before = Set.of();

    /**
     * A file that is there and has not changed since all its lines were that stream's.
     *
     * @param copy it was not read: what it was copied from had been
     */
    private record Settled(LogFile file, StreamId stream, boolean copy) {}

    LogFollower(RotatedLog log, FollowContext context) throws IOException {
        this.log = log;
        this.context = context;
        this.notes = new FollowNotes(log.name(), context.say());
        for (KnownFile file :
                KnownFile.all(context.landing(), context.settings().source())) {
            known.put(file.stream(), file);
        }
    }

    /** Publishes what is new, as far as it can be counted. */
    void look() throws IOException {
        List<LogFile> files = log.files();
        notes.files(files);
        before = there.keySet();
        there = files.stream().collect(Collectors.toMap(LogFile::key, Function.identity()));
        List<KnownFile> truncated = goOn();
        settled.values().removeIf(this::isToBeMetAgain);
        copies.keySet().removeIf(key -> !there.containsKey(key) && !before.contains(key));
        List<LogFile> strangers = files.stream()
                .filter(file -> !followed.containsKey(file.key()) && !settled.containsKey(file.key()))
                .toList();
        if (!strangers.isEmpty()) {
            meet(strangers, files.stream().filter(LogFile::live).findFirst());
        }
        Set<StreamId> found = taken();
        settled.values().forEach(file -> found.add(file.stream()));
        notes.looked(truncated, found);
    }

    /** Also a copy of what is found in a rotated file: that is one of its own, so this is another that begins as it did. */
    private boolean isToBeMetAgain(Settled file) {
        LogFile now = there.get(file.file().key());
        return now == null
                || !now.unchangedSince(file.file())
                || (file.copy()
                        && followed.values().stream()
                                .anyMatch(other -> other.known().stream().equals(file.stream())
                                        && there.containsKey(other.seen().key())
                                        && !other.seen().live()));
    }

    /** Goes on with those that are open; returns what was truncated. */
    private List<KnownFile> goOn() throws IOException {
        List<KnownFile> truncated = new ArrayList<>();
        for (FollowedFile file : List.copyOf(followed.values())) {
            boolean isThere = there.containsKey(file.seen().key());
            file.seen(there.getOrDefault(file.seen().key(), file.seen()));
            Progress progress = advance(file);
            if (progress == Progress.REPLACED) {
                notes.truncated(file.seen().name(), file.known());
                truncated.add(file.known());
                leave(file);
            } else if (file.quietLooks() > QUIET_LOOKS && !isThere) {
                leave(file);
            } else if (isThere && isDone(file, progress)) {
                settle(file);
            }
        }
        return truncated;
    }

    private static boolean isDone(FollowedFile file, Progress progress) {
        boolean quiet = !file.seen().live() && file.quietLooks() > QUIET_LOOKS;
        return progress != Progress.HELD && (quiet || file.isCompressed());
    }

    private Progress advance(FollowedFile file) throws IOException {
        Progress progress = file.advance();
        known.put(file.known().stream(), file.known());
        if (progress == Progress.HELD) {
            String place = file.known().stream() + " " + file.known().to();
            file.heldBy().ifPresent(line -> notes.once(place, line));
        }
        return progress;
    }

    private void leave(FollowedFile file) throws IOException {
        followed.remove(file.seen().key());
        file.close();
        if (file.known().to() == 0) {
            known.remove(file.known().stream());
        }
    }

    private void settle(FollowedFile file) throws IOException {
        leave(file);
        settled.put(file.seen().key(), new Settled(file.seen(), file.known().stream(), false));
    }

    /** Finds out what the files are, the live one first: a copy of it must not be taken for it. */
    private void meet(List<LogFile> strangers, Optional<LogFile> live) throws IOException {
        List<LogFile> fresh = new ArrayList<>();
        for (LogFile file : strangers) {
            try {
                meet(file, live, fresh);
            } catch (IOException e) {
                // Where it has another name by now, it is met at the next look.
                if (file.hasItsName()) {
                    throw e;
                }
            }
        }
        fresh.removeIf(file -> !file.live() && isCopy(file, live));
        // Only now: before it was truncated, a copy of it was one; after that, what was known of it is free for the
        // copy.
        if (isIntact(live) && nothingMoved()) {
            for (LogFile file : fresh) {
                FileContents contents = contents(file).orElse(null);
                if (contents != null && file.hasItsName()) {
                    follow(
                            file,
                            KnownFile.fresh(
                                    context.settings().source(), contents.head().fingerprint(false), known.keySet()));
                }
            }
        }
    }

    private void meet(LogFile file, Optional<LogFile> live, List<LogFile> fresh) throws IOException {
        Optional<FileContents> contents = contents(file);
        if (contents.isEmpty()
                || contents.get().head().fingerprint(false).bytes() == 0
                || isBeingCopied(contents.get(), file, live)) {
            return;
        }
        Optional<KnownFile> continued = continued(contents.get());
        if (continued.isPresent()) {
            follow(file, continued.get());
        } else {
            fresh.add(file);
        }
    }

    private Optional<FileContents> contents(LogFile file) throws IOException {
        if (file.isUnfinishedCopy()) {
            return Optional.empty();
        }
        try {
            FileContents contents = FileContents.of(file);
            // Another one may have got its name meanwhile.
            return file.hasItsName() ? Optional.of(contents) : Optional.empty();
        } catch (IOException e) {
            if (file.hasItsName()) {
                notes.once(
                        file.key() + " " + file.size(),
                        file.path() + " cannot be read: " + e.getMessage() + "; its lines wait until it can");
            }
            return Optional.empty();
        }
    }

    /** Of the known files that are found in none that is there, the one that this goes on with the furthest. */
    private Optional<KnownFile> continued(FileContents contents) throws IOException {
        Set<StreamId> taken = taken();
        List<KnownFile> free = known.values().stream()
                .filter(file -> !taken.contains(file.stream()))
                .sorted(Comparator.comparingLong(KnownFile::to).reversed())
                .toList();
        for (KnownFile file : free) {
            if (contents.continues(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }

    /** What is found in files that are there: one that is open and gone may turn up compressed. */
    private Set<StreamId> taken() {
        Set<StreamId> taken = new HashSet<>();
        followed.values().stream()
                .filter(file -> there.containsKey(file.seen().key()))
                .forEach(file -> taken.add(file.known().stream()));
        settled.values().stream().filter(file -> !file.copy()).forEach(file -> taken.add(file.stream()));
        return taken;
    }

    /** Looked at again when the live file is another, or truncated: then it is known whose lines these are. */
    private boolean isBeingCopied(FileContents contents, LogFile file, Optional<LogFile> live) throws IOException {
        if (file.live() || live.isEmpty() || !contents.isBeginningOf(live.get())) {
            return false;
        }
        FollowedFile open = followed.get(live.get().key());
        // A file that was there before the live one, or came with it, may begin as that does, and be another.
        if (open != null
                && before.contains(live.get().key())
                && (!before.contains(file.key()) || copies.containsKey(file.key()))) {
            copies.put(file.key(), open.known().stream());
        }
        return true;
    }

    /** Whether all its lines are those of a file that was copied, went on, and was truncated; it takes the place of that. */
    private boolean isCopy(LogFile file, Optional<LogFile> live) {
        try {
            FileContents contents = FileContents.of(file);
            Set<StreamId> taken = taken();
            live.map(LogFile::key).map(followed::get).ifPresent(open -> taken.remove(open.known().stream()));
            settled.values().forEach(other -> taken.add(other.stream()));
            StreamId seenAsCopyOf = copies.get(file.key());
            for (KnownFile other : known.values()) {
                boolean copy = other.stream().equals(seenAsCopyOf)
                        ? contents.length() <= other.to()
                        : !taken.contains(other.stream()) && contents.isEarlierCopyOf(other, context.landing());
                if (copy) {
                    settled.put(file.key(), new Settled(file, other.stream(), true));
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            // It is gone, or has another name; it is looked at again.
            return true;
        }
    }

    /**
     * Else a file may be met compressed while what it was compressed from is still thought to be there. A closed file's inode may be
     * another file's by now, even under the same name.
     */
    private boolean nothingMoved() throws IOException {
        Map<Object, LogFile> now = log.files().stream().collect(Collectors.toMap(LogFile::key, Function.identity()));
        return there.values().stream()
                        .allMatch(file -> now.containsKey(file.key())
                                && now.get(file.key()).path().equals(file.path()))
                && settled.values().stream()
                        .allMatch(file -> now.get(file.file().key()).unchangedSince(file.file()));
    }

    private boolean isIntact(Optional<LogFile> live) throws IOException {
        Optional<FollowedFile> open = live.map(file -> followed.get(file.key()));
        return open.isEmpty() || open.get().isIntact();
    }

    private void follow(LogFile file, KnownFile as) throws IOException {
        if (as.to() > 0 && !as.format().equals(context.settings().format())) {
            throw OperatorException.input("log file " + file.path() + " was imported with --format " + as.format()
                    + " before, now it is " + context.settings().format() + "; go on with the former");
        }
        SourceFile opened = SourceFile.opened(file.path());
        if (!file.hasItsName()) {
            opened.close();
            return;
        }
        // What was taken for a copy of it is another file that begins as it did.
        settled.values().removeIf(other -> other.stream().equals(as.stream()));
        for (FollowedFile gone : List.copyOf(followed.values())) {
            if (gone.known().stream().equals(as.stream())) {
                leave(gone);
            }
        }
        boolean first = known.values().stream().allMatch(other -> other.to() == 0);
        FollowedFile follow = new FollowedFile(context, file, opened, as, first);
        followed.put(file.key(), follow);
        known.put(as.stream(), as);
        Progress progress = advance(follow);
        if (progress == Progress.REPLACED) {
            leave(follow);
        } else if (isDone(follow, progress)) {
            settle(follow);
        }
    }

    @Override
    public void close() throws IOException {
        for (FollowedFile file : followed.values()) {
            file.close();
        }
    }
}
