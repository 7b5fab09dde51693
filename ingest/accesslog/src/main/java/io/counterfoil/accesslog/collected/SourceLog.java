package io.counterfoil.accesslog.collected;

import io.counterfoil.accesslog.collected.CollectedBatch.CollectedRecord;
import io.counterfoil.accesslog.collected.CollectedBatch.Reject;
import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.accesslog.file.Reason;
import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.SegmentId;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The log of one source: a journal that grows by whole batches, and is sealed from time to time. What is taken counts once, however
 * often it comes, also across a kill at any instant: a batch's identity stands in the journal with its records. Not thread-safe.
 */
final class SourceLog {
    private static final int RELEASED_AT_ONCE = 10_000;
    private static final Duration HELD_FOR = Duration.ofDays(35);

    private final SourceFolder folder;
    private final SourceSegments segments;
    private final InstantSource clock;
    private final Journal.Force force;
    private final Identities identities;
    private HeldRecords held;
    /** Since the last force: what is undone where the next one fails. */
    private final List<BatchId> unforced = new ArrayList<>();
    /** A sealed one that is not done with; nothing is taken before it is. */
    private Optional<Sealed> sealed = Optional.empty();

    private Journal journal;
    private long begunNanos;
    private long losses;
    private boolean failed;

    /** A journal whose segment is sealed, and whose identities and held records are to be kept before it goes. */
    private record Sealed(SegmentId id, JournalContent content) {}

    private SourceLog(SourceFolder folder, SourceSegments segments, InstantSource clock, Journal.Force force)
            throws IOException {
        this.folder = folder;
        this.segments = segments;
        this.clock = clock;
        this.force = force;
        identities = Identities.open(folder.identities(), clock.instant());
        held = HeldRecords.open(folder.held());
    }

    /**
     * Opens it, and seals what an earlier process left.
     *
     * @throws IOException where the folder cannot be read or written, or what is in it is damaged
     */
    static SourceLog open(SourceFolder folder, SourceSegments segments, InstantSource clock, Journal.Force force)
            throws IOException {
        SourceLog log = new SourceLog(folder, segments, clock, force);
        for (long number : folder.journals()) {
            log.recover(new SegmentId(folder.stream(), number));
        }
        log.journal = log.begin(segments.nextId(), segments.nextSeq());
        return log;
    }

    /** Batches of a source whose folder is new, as they were counted. */
    void learn(String instance, long first, long last) {
        identities.add(instance, first, last, clock.instant());
    }

    private void recover(SegmentId id) throws IOException {
        byte[] file = Files.readAllBytes(folder.journal(id.number()));
        boolean done = segments.isSealed(id);
        // What a sealed one holds behind its end was told of to nobody.
        byte[] trusted = done ? Arrays.copyOf(file, Math.min(file.length, segments.journalBytes(id))) : file;
        JournalContent content = JournalContent.of(id, trusted, done ? segments.firstSeq(id) : segments.nextSeq());
        if (!done && !id.equals(segments.nextId()) && !content.isEmpty()) {
            throw new IOException("journal " + folder.journal(id.number()) + " is there, but the seal of segment "
                    + (id.number() - 1) + " is not; restore the folder 'sealed' beside it");
        }
        content.batches().forEach(run -> identities.add(run.instance(), run.first(), run.last(), clock.instant()));
        if (!held.knows(id.number())) {
            content.held().forEach(held::add);
            content.released().forEach(held::remove);
        }
        if (!done && !content.isEmpty()) {
            segments.seal(id, content, file.length - content.bytes());
        }
        finish(new Sealed(id, content));
        DurableFiles.syncFolder(folder.folder());
    }

    private Journal begin(SegmentId id, long firstSeq) throws IOException {
        Journal begun = Journal.create(id, folder.journal(id.number()), firstSeq, force);
        DurableFiles.syncFolder(folder.folder());
        return begun;
    }

    /** Whether it stopped taking anything: its disk failed, and could not be gone round. */
    boolean failed() {
        return failed;
    }

    /** How often something was given up that had been appended: what was appended before is not on the disk then. */
    long losses() {
        return losses;
    }

    int heldCount() {
        return held.size();
    }

    /** Of keys that records wait for. */
    Set<String> heldKeys() {
        return held.keys();
    }

    /** Since when the active segment holds anything; by the caller's clock. */
    long begunNanos() {
        return begunNanos;
    }

    long journalBytes() {
        return journal.bytes();
    }

    boolean isEmpty() {
        return journal.isEmpty();
    }

    boolean hasUnforced() {
        return journal.forcedBytes() < journal.bytes();
    }

    /**
     * Appends a batch where it is new; it is safe once {@link #force} has returned.
     *
     * @throws IOException where the disk does not take it; nothing of it was appended then
     * @throws CollectorBusyException where nobody could keep in mind what this instance posted
     */
    TakenBatch append(CollectedBatch batch, KeyNumbers keys, long nowNanos) throws IOException, CollectorBusyException {
        if (identities.contains(batch.id())) {
            return new TakenBatch(0, 0, true);
        }
        if (identities.isScattered(batch.id())) {
            // Not for good: what a queue brings out of order fills the holes.
            throw new CollectorBusyException("the batch numbers of instance "
                    + batch.id().instance() + " have " + Identities.MAX_RUNS + " holes: they are to count 1, 2, 3 …");
        }
        finishSealed();
        boolean first = journal.isEmpty();
        List<HeldRecord> waiting = new ArrayList<>();
        List<Reject> rejects = new ArrayList<>(batch.rejects());
        Map<String, Long> known = new HashMap<>();
        int records = 0;
        journal.begin();
        for (CollectedRecord record : batch.records()) {
            long keyId = record.keySha256()
                    .map(hash -> known.computeIfAbsent(hash, keys::find))
                    .orElse(0L);
            if (keyId == KeyNumbers.UNKNOWN && record.facts().decision() == Decision.UNAUTHORIZED) {
                // A caller that was turned away for its key has none that anybody could know.
                keyId = 0;
            }
            if (keyId != KeyNumbers.UNKNOWN) {
                journal.record(record, keyId);
                records++;
            } else if (held.size() + waiting.size() < HeldRecords.MAX) {
                waiting.add(HeldRecord.of(
                        batch.id() + "/" + waiting.size(), clock.instant().getEpochSecond(), record));
            } else {
                rejects.add(new Reject(
                        record.line(), 0, "its key is not known, and " + HeldRecords.MAX + " records wait already"));
            }
        }
        waiting.forEach(journal::held);
        rejects.forEach(journal::reject);
        unforced.add(batch.id());
        identities.add(batch.id().instance(), batch.id().number(), batch.id().number(), clock.instant());
        commit(() -> journal.commit(batch.id(), batch.skewMicros()), () -> {
            identities.remove(batch.id());
            unforced.remove(batch.id());
        });
        waiting.forEach(held::add);
        if (first) {
            begunNanos = nowNanos;
        }
        return new TakenBatch(records + waiting.size(), waiting.size(), false);
    }

    /**
     * Appends what waited for a key that is known now, and gives up what waited for too long; returns how many records that were.
     * Forced with what comes next.
     */
    int release(KeyNumbers keys, long nowNanos) throws IOException {
        if (failed || held.size() == 0) {
            return 0;
        }
        finishSealed();
        boolean first = journal.isEmpty();
        Map<String, Long> known = new HashMap<>();
        Set<HeldRecord> released = new HashSet<>();
        long tooOld = clock.instant().minus(HELD_FOR).getEpochSecond();
        journal.begin();
        for (HeldRecord record : held.all()) {
            long keyId = known.computeIfAbsent(record.keySha256(), keys::find);
            boolean late = record.since() < tooOld;
            if ((keyId == KeyNumbers.UNKNOWN && !late) || released.size() == RELEASED_AT_ONCE) {
                continue;
            }
            if (keyId == KeyNumbers.UNKNOWN) {
                journal.reject(new Reject(
                        0, 0, "record " + record.id() + ": nobody told its key within " + HELD_FOR.toDays() + " days"));
            } else {
                journal.record(record.record(), keyId);
            }
            journal.released(record);
            released.add(record);
        }
        if (released.isEmpty()) {
            return 0;
        }
        commit(journal::commit, () -> {});
        released.forEach(record -> held.remove(record.id()));
        if (first) {
            begunNanos = nowNanos;
        }
        return released.size();
    }

    private interface Commit {
        void run() throws IOException;
    }

    /** @param undo where nothing of the group was appended */
    private void commit(Commit commit, Runnable undo) throws IOException {
        try {
            commit.run();
        } catch (IOException e) {
            undo.run();
            if (journal.isBroken()) {
                giveUp(e);
            }
            throw e;
        } catch (RuntimeException | Error e) {
            // How much of the group is there is not known: nothing since the last force counts.
            giveUp(e);
            throw e;
        }
    }

    /**
     * Makes all that was appended outlast the machine.
     *
     * @throws IOException where that failed: then nothing since the last force counts as taken, and a new segment was begun
     */
    void force() throws IOException {
        try {
            journal.force();
            unforced.clear();
        } catch (IOException e) {
            giveUp(e);
            throw e;
        }
    }

    /** What was forced is sealed; the rest of the file is not trusted any more. */
    private void giveUp(Throwable cause) {
        losses++;
        try {
            held = HeldRecords.open(folder.held());
            JournalContent content = JournalContent.of(journal.id(), journal.readForced(), journal.firstSeq());
            content.held().forEach(held::add);
            content.released().forEach(held::remove);
            unforced.forEach(identities::remove);
            unforced.clear();
            if (content.isEmpty()) {
                journal.close();
                journal = begin(journal.id(), journal.firstSeq());
            } else {
                seal(content);
            }
        } catch (IOException | RuntimeException | Error e) {
            cause.addSuppressed(e);
            failed = true;
        }
    }

    /**
     * Seals the active segment where it holds anything, and begins the next one.
     *
     * @throws IOException where the disk does not take it; nothing is lost, and it is to be tried again
     */
    void roll() throws IOException {
        finishSealed();
        if (journal.isEmpty()) {
            return;
        }
        if (hasUnforced()) {
            force();
        }
        JournalContent content = JournalContent.of(journal.id(), journal.readForced(), journal.firstSeq());
        if (content.bytes() != journal.forcedBytes()) {
            throw new IOException("journal " + journal.file() + " ends at byte " + content.bytes() + ", expected "
                    + journal.forcedBytes() + ": its disk lost what it had taken");
        }
        seal(content);
        finishSealed();
    }

    /** The next journal is there before the seal is: from then on nothing is appended to this one. */
    private void seal(JournalContent content) throws IOException {
        SegmentId next = new SegmentId(folder.stream(), journal.id().number() + 1);
        Journal begun = begin(next, content.records().lastSeq() + 1);
        try {
            segments.seal(journal.id(), content, 0);
        } catch (IOException | RuntimeException | Error e) {
            begun.close();
            throw e;
        }
        Journal before = journal;
        journal = begun;
        sealed = Optional.of(new Sealed(before.id(), content));
        before.close();
    }

    private void finishSealed() throws IOException {
        if (sealed.isPresent()) {
            finish(sealed.get());
            sealed = Optional.empty();
        }
    }

    private void finish(Sealed done) throws IOException {
        JournalContent content = done.content();
        identities.keep(content.batches(), clock.instant());
        if (!content.held().isEmpty() || !content.released().isEmpty()) {
            held.keep(done.id().number());
        }
        Files.deleteIfExists(folder.journal(done.id().number()));
    }

    /** For a process that ends; what is left is sealed by the next one. */
    String close() {
        try {
            roll();
            journal.close();
            Files.deleteIfExists(journal.file());
            return "";
        } catch (IOException e) {
            return Reason.of(e);
        }
    }
}
