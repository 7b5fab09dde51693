package io.counterfoil.jobs.imports;

import io.counterfoil.jobs.imports.RotatedLog.LogFile;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Whose lines a file holds: those of a file that is known, or its own. What it holds decides, since no log of a server begins with
 * what another one began with, at another time. Where all that two files share is of one time, the inode decides, as far as it can;
 * where it cannot, nothing is counted again, and it is said.
 */
final class WhoseLines {
    private final FollowContext context;
    private final List<KnownFile> known;
    private final Function<KnownFile, Optional<Holder>> holder;

    /**
     * Where a known file was found.
     *
     * @param held whether it has more lines, which cannot be counted yet
     * @param intact whether it still is what was read, at this moment
     */
    record Holder(LogFile file, boolean held, boolean intact) {}

    /** What is to be done with a file. */
    enum Kind {
        /** Its lines go on where the known file ends. */
        CONTINUES,
        /** All its lines are known. */
        COPY,
        /** All its lines are new. */
        NEW,
        /** It is looked at again, as it cannot be told yet. */
        LATER,
        /** It begins as a known file does that cannot be another log, and then does not hold what was read of it. */
        REWRITTEN
    }

    /**
     * What was found out.
     *
     * @param known whose lines they are; empty where they are its own, or that is not known yet
     * @param sure false where it may as well be another log that began with the very same lines
     */
    record Verdict(Kind kind, Optional<KnownFile> known, boolean sure) {}

    /** @param holder in which file that is there a known one was found */
    WhoseLines(FollowContext context, Collection<KnownFile> known, Function<KnownFile, Optional<Holder>> holder) {
        this.context = context;
        this.holder = holder;
        this.known = known.stream()
                .filter(file -> file.to() > 0)
                .sorted(Comparator.comparingLong(KnownFile::to).reversed())
                .toList();
    }

    /** A known file that this one may be of. */
    private record Candidate(KnownFile file, boolean holds, boolean sure, boolean own) {}

    /** The file that the server writes to is nobody's copy. */
    Verdict ofLive(FileContents contents) throws IOException {
        List<Candidate> candidates = candidates(contents);
        Optional<Candidate> its = candidates.stream()
                .filter(each -> each.holds() && (each.sure() || each.own()))
                .findFirst();
        if (its.isPresent()) {
            return new Verdict(Kind.CONTINUES, its.map(Candidate::file), true);
        }
        Optional<KnownFile> rewritten = rewritten(contents);
        if (rewritten.isPresent()) {
            return new Verdict(Kind.REWRITTEN, rewritten, true);
        }
        // What was found in another file is that one's.
        Optional<KnownFile> maybe = candidates.stream()
                .filter(Candidate::holds)
                .map(Candidate::file)
                .filter(file -> holder.apply(file).isEmpty())
                .findFirst();
        return new Verdict(maybe.isPresent() ? Kind.LATER : Kind.NEW, maybe, maybe.isEmpty());
    }

    /** @param live which this may be a copy of that is not whole yet */
    Verdict ofRotated(FileContents contents, Optional<LogFile> live) throws IOException {
        boolean isBeginningOfLive = live.isPresent() && contents.isBeginningOf(live.get());
        for (Candidate candidate : candidates(contents)) {
            boolean itsOwn = candidate.own()
                    && candidate.holds()
                    && holder.apply(candidate.file()).isEmpty();
            if (isBeginningOfLive && !candidate.sure() && !itsOwn) {
                return later();
            }
            Optional<Kind> kind =
                    candidate.holds() ? atLeast(contents, candidate.file()) : upTo(contents, candidate.file());
            if (kind.isPresent()) {
                boolean sure = candidate.sure() || itsOwn || kind.get() == Kind.LATER;
                return new Verdict(kind.get(), Optional.of(candidate.file()), sure);
            }
        }
        if (isBeginningOfLive) {
            return later();
        }
        Optional<KnownFile> rewritten = rewritten(contents);
        return rewritten.isPresent()
                ? new Verdict(Kind.REWRITTEN, rewritten, true)
                : new Verdict(Kind.NEW, Optional.empty(), true);
    }

    private static Verdict later() {
        return new Verdict(Kind.LATER, Optional.empty(), true);
    }

    /**
     * Those that leave no doubt first, then those that were read from this very file: a closed file's inode may be another's by now,
     * so it says less than what is held. Of each, those that go on, then those that end before what is known; the longest first.
     */
    private List<Candidate> candidates(FileContents contents) throws IOException {
        List<Candidate> candidates = new ArrayList<>();
        for (KnownFile file : known) {
            boolean holds = contents.holds(file);
            if (holds || contents.isEarlier(file, context.landing())) {
                candidates.add(new Candidate(
                        file, holds, contents.tellsItself(file, context.settings()), contents.isFileOf(file)));
            }
        }
        candidates.sort(Comparator.comparing(Candidate::sure)
                .thenComparing(Candidate::own)
                .thenComparing(Candidate::holds)
                .reversed());
        return candidates;
    }

    /** Of a file that begins with all that is known of another; empty where it is none of that after all. */
    private Optional<Kind> atLeast(FileContents contents, KnownFile file) throws IOException {
        Optional<Holder> other = holder.apply(file);
        if (other.isEmpty()) {
            return Optional.of(Kind.CONTINUES);
        }
        if (comparable(contents, other.get())) {
            return compared(contents, file, other.get());
        }
        if (contents.length() == file.to()) {
            return Optional.of(Kind.COPY);
        }
        return Optional.of(other.get().held() || other.get().file().live() ? Kind.LATER : Kind.CONTINUES);
    }

    /** Of a file that ends inside of what is known of another. */
    private Optional<Kind> upTo(FileContents contents, KnownFile file) throws IOException {
        Optional<Holder> other = holder.apply(file);
        return other.isPresent() && comparable(contents, other.get())
                ? compared(contents, file, other.get())
                : Optional.of(Kind.COPY);
    }

    private static boolean comparable(FileContents contents, Holder other) {
        return !contents.file().isCompressed() && !other.file().isCompressed();
    }

    /** Two files that are both there need no digests, as long as none of them becomes another on the way. */
    private Optional<Kind> compared(FileContents contents, KnownFile file, Holder other) throws IOException {
        Optional<Kind> kind = Optional.empty();
        if (contents.isBeginningOf(other.file())) {
            kind = Optional.of(other.file().live() ? Kind.LATER : Kind.COPY);
        } else if (FileContents.of(other.file()).isBeginningOf(contents.file())) {
            kind = Optional.of(Kind.CONTINUES);
        }
        boolean both = holder.apply(file).filter(Holder::intact).isPresent()
                && other.file().hasItsName()
                && contents.file().hasItsName();
        return both ? kind : Optional.of(Kind.LATER);
    }

    /** So many lines are those of one log: then what follows them should be, too. */
    private Optional<KnownFile> rewritten(FileContents contents) throws IOException {
        for (KnownFile file : known) {
            int shared = Math.min(file.first().size(), contents.head().first().size());
            if (shared >= SourceHead.LINES
                    && contents.beginsAs(file)
                    && !contents.holds(file)
                    && (contents.file().live() || !contents.isEarlier(file, context.landing()))) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }
}
