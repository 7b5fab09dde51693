package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.jobs.imports.FollowedFile.Progress;
import io.counterfoil.jobs.imports.RotatedLog.LogFile;
import io.counterfoil.jobs.imports.WhoseLines.Holder;
import io.counterfoil.jobs.imports.WhoseLines.Kind;
import io.counterfoil.jobs.imports.WhoseLines.Verdict;
import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Takes over each line of a log that is written and rotated exactly once. A file that is open is known by its device and inode; any
 * other that is there is told by {@link WhoseLines}, one after the other, each against all that was published until then. Not
 * thread-safe.
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
    /** Files that did not hold what was read of them, in the look before. */
    private final Set<Object> rewritten = new HashSet<>();

    private Map<Object, LogFile> there = Map.of();
    /** What the live file may go on with, by the look before. */
    private Optional<StreamId> liveMaybe = Optional.empty();

    /**
     * A file that is there and has not changed since all its lines were that stream's.
     *
     * @param copy it was not read: what it is a copy of had been
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
        // Before the files are listed: what a file that is truncated by now was copied to is among them then.
        List<KnownFile> truncated = goOn();
        context.between().run();
        List<LogFile> files = log.files();
        context.between().run();
        notes.files(files);
        there = files.stream().collect(Collectors.toMap(LogFile::key, Function.identity()));
        closeWhatIsDone();
        settled.values().removeIf(file -> !isStillThere(file));
        rewritten.retainAll(there.keySet());
        meet(files.stream()
                .filter(file -> !followed.containsKey(file.key()) && !settled.containsKey(file.key()))
                .toList());
        notes.looked(truncated, found());
    }

    private boolean isStillThere(Settled file) {
        LogFile now = there.get(file.file().key());
        return now != null && now.unchangedSince(file.file());
    }

    private Set<StreamId> found() {
        Set<StreamId> found = new HashSet<>();
        followed.values().stream()
                .filter(file -> there.containsKey(file.seen().key()))
                .forEach(file -> found.add(file.known().stream()));
        settled.values().forEach(file -> found.add(file.stream()));
        return found;
    }

    /** Goes on with those that are open; returns what was truncated. */
    private List<KnownFile> goOn() throws IOException {
        List<KnownFile> truncated = new ArrayList<>();
        for (FollowedFile file : List.copyOf(followed.values())) {
            context.between().run();
            if (file.known().to() == 0 && isKnownByNow(file)) {
                leave(file);
            } else if (advance(file) == Progress.REPLACED) {
                notes.truncated(file.seen().name(), file.known());
                truncated.add(file.known());
                leaveTruncated(file);
            }
        }
        return truncated;
    }

    /** Nothing of it could be counted until now, and a copy of it may have been since. */
    private boolean isKnownByNow(FollowedFile file) throws IOException {
        SourceHead head = file.head();
        return known.values().stream().anyMatch(other -> other.to() > 0 && head.sharesFirst(other.first()));
    }

    private void closeWhatIsDone() throws IOException {
        for (FollowedFile file : List.copyOf(followed.values())) {
            Optional<LogFile> now = Optional.ofNullable(there.get(file.seen().key()));
            now.ifPresent(file::seen);
            if (now.isPresent() && file.known().to() == 0) {
                // Whose lines these are is asked again each time until the first is counted.
                leave(file);
            } else if (now.isEmpty() && file.quietLooks() > QUIET_LOOKS) {
                leave(file);
            } else if (now.isPresent() && isDone(file)) {
                settle(file);
            }
        }
    }

    private static boolean isDone(FollowedFile file) {
        boolean quiet = !file.seen().live() && file.quietLooks() > QUIET_LOOKS;
        return !file.isHeld() && (quiet || file.isCompressed());
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

    private void leaveTruncated(FollowedFile file) throws IOException {
        leave(file);
        known.computeIfPresent(file.known().stream(), (stream, of) -> of.truncated());
    }

    private void settle(FollowedFile file) throws IOException {
        leave(file);
        settled.put(file.seen().key(), new Settled(file.seen(), file.known().stream(), false));
    }

    /** Finds out what the files are, the live one first: a copy of it must not be taken for it. */
    private void meet(List<LogFile> strangers) throws IOException {
        Optional<LogFile> waiting = Optional.empty();
        for (LogFile file : strangers) {
            Verdict verdict = meet(file, waiting.isEmpty());
            if (file.live() && verdict.kind() == Kind.LATER) {
                waiting = Optional.of(file);
            }
        }
        // It may begin as a log did that another file turned out to be.
        Optional<StreamId> before = liveMaybe;
        liveMaybe = Optional.empty();
        if (waiting.isPresent()) {
            Verdict verdict = meet(waiting.get(), true);
            Optional<KnownFile> maybe = verdict.kind() == Kind.LATER ? verdict.known() : Optional.empty();
            liveMaybe = maybe.map(KnownFile::stream);
            if (maybe.isPresent() && liveMaybe.equals(before)) {
                notes.unsure(waiting.get(), maybe.get());
                follow(waiting.get(), maybe.get());
            }
        }
    }

    private Verdict meet(LogFile file, boolean liveIsMet) throws IOException {
        context.between().run();
        try {
            Optional<FileContents> contents = contents(file);
            if (contents.isPresent() && contents.get().hasLines()) {
                Verdict verdict = verdict(contents.get(), liveIsMet);
                context.between().run();
                heed(verdict, contents.get());
                return verdict;
            }
        } catch (NoSuchFileException e) {
            // Some file has another name by now.
            return new Verdict(Kind.NEW, Optional.empty(), true);
        } catch (IOException e) {
            // Where it has another name by now, it is met at the next look.
            if (file.hasItsName()) {
                throw e;
            }
        }
        return new Verdict(Kind.NEW, Optional.empty(), true);
    }

    private Verdict verdict(FileContents contents, boolean liveIsMet) throws IOException {
        WhoseLines whose = new WhoseLines(context, known.values(), this::holder);
        if (contents.file().live()) {
            return whose.ofLive(contents);
        }
        Optional<LogFile> live = there.values().stream().filter(LogFile::live).findFirst();
        Verdict verdict = whose.ofRotated(contents, live.filter(file -> liveIsMet));
        // What has just been truncated is known no longer, and its copy may have grown since it was looked at.
        boolean isLiveIntact = live.map(LogFile::key)
                .map(followed::get)
                .map(LogFollower::isIntact)
                .orElse(true);
        return verdict.kind() == Kind.CONTINUES || isLiveIntact
                ? verdict
                : new Verdict(Kind.LATER, Optional.empty(), true);
    }

    private void heed(Verdict verdict, FileContents contents) throws IOException {
        LogFile file = contents.file();
        boolean wasRewritten = rewritten.remove(file.key());
        switch (verdict.kind()) {
            case CONTINUES -> {
                if (follow(file, verdict.known().orElseThrow()) && !verdict.sure()) {
                    notes.unsure(file, verdict.known().orElseThrow());
                }
            }
            case COPY -> {
                if (file.hasItsName()) {
                    StreamId stream = verdict.known().orElseThrow().stream();
                    settled.put(file.key(), new Settled(file, stream, true));
                    if (!verdict.sure()) {
                        notes.unsure(file, verdict.known().orElseThrow());
                    }
                }
            }
            case NEW ->
                follow(
                        file,
                        KnownFile.fresh(
                                context.settings().source(), contents.head().fingerprint(false), known.keySet()));
            case REWRITTEN -> {
                rewritten.add(file.key());
                if (wasRewritten) {
                    notes.rewritten(file, verdict.known().orElseThrow());
                }
            }
            case LATER -> {}
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

    /** In which file that is there a known one was found. */
    private Optional<Holder> holder(KnownFile file) {
        Optional<Holder> open = followed.values().stream()
                .filter(other -> other.known().stream().equals(file.stream())
                        && there.containsKey(other.seen().key()))
                .map(other -> new Holder(other.seen(), other.isHeld(), isIntact(other)))
                .findFirst();
        return open.or(() -> settled.values().stream()
                .filter(other -> !other.copy() && other.stream().equals(file.stream()))
                .map(other -> new Holder(other.file(), false, true))
                .findFirst());
    }

    private static boolean isIntact(FollowedFile file) {
        try {
            return file.isIntact();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether it could be: false where another file has its name by now. */
    private boolean follow(LogFile file, KnownFile as) throws IOException {
        if (as.to() > 0 && !as.format().equals(context.settings().format())) {
            throw OperatorException.input("log file " + file.path() + " was imported with --format " + as.format()
                    + " before, now it is " + context.settings().format() + "; go on with the former");
        }
        SourceFile opened = SourceFile.opened(file.path());
        if (!file.hasItsName()) {
            opened.close();
            return false;
        }
        for (FollowedFile other : List.copyOf(followed.values())) {
            if (other.known().stream().equals(as.stream())) {
                leave(other);
            }
        }
        settled.replaceAll((key, other) ->
                other.stream().equals(as.stream()) ? new Settled(other.file(), other.stream(), true) : other);
        boolean first = known.values().stream().allMatch(other -> other.to() == 0);
        FollowedFile follow = new FollowedFile(context, file, opened, as, first);
        followed.put(file.key(), follow);
        known.put(as.stream(), as);
        if (advance(follow) == Progress.REPLACED) {
            leaveTruncated(follow);
        } else if (isDone(follow)) {
            settle(follow);
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        for (FollowedFile file : followed.values()) {
            file.close();
        }
    }
}
