package io.counterfoil.accesslog.collected;

import io.counterfoil.accesslog.collected.CollectedBatch.CollectedRecord;
import io.counterfoil.accesslog.collected.CollectedBatch.Reject;
import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.accesslog.file.Reason;
import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.ship.ShippingCounters;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
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
    private final FolderLanding sealed;
    private final ShippingCounters shipping;
    private final InstantSource clock;
    private final Journal.Force force;
    private final Identities identities;
    private HeldRecords held;
    /** Since the last force: what is undone where the next one fails. */
    private final List<BatchId> unforced = new ArrayList<>();

    private Journal journal;
    private Optional<Seal> lastSeal;
    private long begunNanos;
    private boolean failed;

    private SourceLog(
            SourceFolder folder,
            FolderLanding sealed,
            ShippingCounters shipping,
            InstantSource clock,
            Journal.Force force)
            throws IOException {
        this.folder = folder;
        this.sealed = sealed;
        this.shipping = shipping;
        this.clock = clock;
        this.force = force;
        identities = Identities.open(folder.identities(), clock.instant());
        held = HeldRecords.open(folder.held());
        lastSeal = sealed.lastSeal(folder.stream());
    }

    /**
     * Opens it, and seals what an earlier process left.
     *
     * @throws IOException where the folder cannot be read or written, or what is in it is damaged
     */
    static SourceLog open(
            SourceFolder folder,
            FolderLanding sealed,
            ShippingCounters shipping,
            InstantSource clock,
            Journal.Force force)
            throws IOException {
        SourceLog log = new SourceLog(folder, sealed, shipping, clock, force);
        for (long number : folder.journals()) {
            log.recover(number);
        }
        log.begin();
        return log;
    }

    private void recover(long number) throws IOException {
        SegmentId id = new SegmentId(folder.stream(), number);
        long expected = nextNumber();
        if (number > expected) {
            throw new IOException("journal " + folder.journal(number) + " is there, but the seal of segment "
                    + (number - 1) + " is not; restore the folder 'sealed' beside it");
        }
        byte[] file = Files.readAllBytes(folder.journal(number));
        long firstSeq =
                number == expected ? nextSeq() : sealed.seal(id).records().firstSeq();
        JournalContent content = JournalContent.of(id, file, firstSeq);
        content.batches().forEach(run -> identities.add(run.instance(), run.first(), run.last()));
        if (!held.knows(number)) {
            content.held().forEach(held::add);
            content.released().forEach(held::remove);
        }
        if (number == expected && !content.isEmpty()) {
            seal(id, content, file.length - content.bytes());
        }
        keep(number, content);
        Files.delete(folder.journal(number));
        DurableFiles.syncFolder(folder.folder());
    }

    private long nextNumber() {
        return lastSeal.map(seal -> seal.id().number() + 1).orElse(1L);
    }

    private long nextSeq() {
        return lastSeal.map(seal -> seal.records().lastSeq() + 1).orElse(1L);
    }

    private void begin() throws IOException {
        long number = nextNumber();
        journal = Journal.create(new SegmentId(folder.stream(), number), folder.journal(number), nextSeq(), force);
        DurableFiles.syncFolder(folder.folder());
    }

    /** Whether it stopped taking anything: its disk failed, and could not be gone round. */
    boolean failed() {
        return failed;
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
     */
    TakenBatch append(CollectedBatch batch, KeyNumbers keys, long nowNanos) throws IOException {
        if (identities.contains(batch.id())) {
            return new TakenBatch(0, 0, true);
        }
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
        commit(() -> journal.commit(batch.id(), batch.skewMicros()));
        identities.add(batch.id().instance(), batch.id().number(), batch.id().number());
        waiting.forEach(held::add);
        unforced.add(batch.id());
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
        commit(journal::commit);
        released.forEach(record -> held.remove(record.id()));
        if (first) {
            begunNanos = nowNanos;
        }
        return released.size();
    }

    private interface Commit {
        void run() throws IOException;
    }

    private void commit(Commit commit) throws IOException {
        try {
            commit.run();
        } catch (IOException e) {
            if (journal.isBroken()) {
                giveUp(e);
            }
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
    private void giveUp(IOException cause) {
        try {
            held = HeldRecords.open(folder.held());
            JournalContent content = JournalContent.of(journal.id(), journal.readForced(), nextSeq());
            content.held().forEach(held::add);
            content.released().forEach(held::remove);
            unforced.forEach(identities::remove);
            unforced.clear();
            seal(content);
        } catch (IOException | RuntimeException e) {
            cause.addSuppressed(e);
            failed = true;
        }
    }

    /**
     * Seals the active segment where it holds anything, and begins the next one.
     *
     * @throws IOException where the disk does not take it; all stays as it is, to be tried again
     */
    void roll() throws IOException {
        if (journal.isEmpty()) {
            return;
        }
        if (hasUnforced()) {
            force();
        }
        seal(JournalContent.of(journal.id(), journal.readForced(), journal.firstSeq()));
    }

    private void seal(JournalContent content) throws IOException {
        SegmentId id = journal.id();
        if (content.bytes() != journal.forcedBytes()) {
            throw new IOException("journal " + journal.file() + " ends at byte " + content.bytes() + ", expected "
                    + journal.forcedBytes() + ": its disk lost what it had taken");
        }
        if (nextNumber() == id.number() && !content.isEmpty()) {
            seal(id, content, 0);
        }
        keep(id.number(), content);
        Journal before = journal;
        if (nextNumber() > id.number()) {
            begin();
        } else {
            // Nothing of it counts: the same segment is begun anew.
            before.close();
            begin();
            return;
        }
        before.close();
        Files.deleteIfExists(before.file());
    }

    private void seal(SegmentId id, JournalContent content, long cutBytes) throws IOException {
        lastSeal = Optional.of(CollectedSegment.publish(sealed, id, content, lastSeal, cutBytes, shipping));
    }

    private void keep(long number, JournalContent content) throws IOException {
        identities.keep(content.batches(), clock.instant());
        if (!content.held().isEmpty() || !content.released().isEmpty()) {
            held.keep(number);
        }
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
