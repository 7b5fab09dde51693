package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.LandingConflictException;
import io.counterfoil.accesslog.landing.Zstd;
import io.counterfoil.accesslog.record.CorruptRecordException;
import io.counterfoil.accesslog.record.RecordCursor;
import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Predecessor;
import io.counterfoil.accesslog.seal.RecordRange;
import io.counterfoil.accesslog.seal.Recovery;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.Unlogged;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Ends an epoch whose process is gone: seals the longest valid prefix of every segment that it had not sealed, in order, the
 * last with {@code end_of_stream}. Doing it again after an interruption gives the same seals.
 */
final class EpochRecovery {
    private final Path dataFolder;
    private final FolderLanding sealed;
    private final EpochFile epoch;

    private long recoveredRecords;
    private long cutBytes;

    EpochRecovery(Path dataFolder, FolderLanding sealed, EpochFile epoch) {
        this.dataFolder = dataFolder;
        this.sealed = sealed;
        this.epoch = epoch;
    }

    /** Seals what is left; returns where each of the epoch's streams ended. */
    Predecessor recover() throws IOException {
        List<Long> lastSeqs = new ArrayList<>();
        for (int stream = 0; stream < epoch.streams(); stream++) {
            lastSeqs.add(recover(new StreamId(epoch.edge(), epoch.epoch(), stream)));
        }
        return new Predecessor(epoch.epoch(), lastSeqs);
    }

    /** Records found in segments that their process had not sealed. */
    long recoveredRecords() {
        return recoveredRecords;
    }

    /** Bytes of interrupted appends that were dropped. */
    long cutBytes() {
        return cutBytes;
    }

    private long recover(StreamId stream) throws IOException {
        StreamFiles files = new StreamFiles(dataFolder, stream);
        List<Seal> seals = sealed.sealsAfter(stream, 0, Integer.MAX_VALUE);
        Optional<Seal> last = seals.isEmpty() ? Optional.empty() : Optional.of(seals.get(seals.size() - 1));
        if (last.isPresent() && last.get().endOfStream()) {
            return last.get().records().lastSeq();
        }
        long lastNumber = last.map(seal -> seal.id().number()).orElse(0L);
        SortedMap<Long, Path> unsealed = files.segments(stream).tailMap(lastNumber + 1);
        // Where the machine died, a segment may be gone whole though a later one is there: it is sealed empty, numbers
        // have no holes.
        long end = unsealed.isEmpty() ? lastNumber + 1 : unsealed.lastKey();
        for (long number = lastNumber + 1; number <= end; number++) {
            SegmentId id = new SegmentId(stream, number);
            Path file = unsealed.get(number);
            byte[] found = file == null ? RecordFormat.header(id) : Files.readAllBytes(file);
            last = Optional.of(seal(id, found, last, files, number == end));
        }
        return last.get().records().lastSeq();
    }

    private Seal seal(SegmentId id, byte[] file, Optional<Seal> previous, StreamFiles files, boolean end)
            throws IOException {
        long nextSeq = previous.map(seal -> seal.records().lastSeq() + 1).orElse(1L);
        long throughBefore = previous.map(Seal::throughMicros).orElse(0L);
        RecordCursor cursor = new RecordCursor(id, file, RecordFormat.header(id).length, file.length);
        RecordRange records = prefix(cursor, nextSeq);
        byte[] csv = Arrays.copyOf(file, cursor.position());
        long cut = tailBytes(file, cursor.position());
        recoveredRecords += records.count();
        cutBytes += cut;
        String loss =
                epoch.loss(previous.isEmpty() ? "the start" : Instant.EPOCH.plusMillis(throughBefore / 1000) + "");
        Files.createDirectories(files.folder());
        ControlPage control = ControlPage.open(files.control());
        Unlogged unlogged = control.unloggedOf(id.number());
        Seal seal = new Seal(
                id,
                epoch.streams(),
                records,
                control.servedOf(id.number()),
                unlogged,
                Math.max(throughBefore, records.lastMicros()),
                0,
                csv.length,
                Digests.sha256(csv),
                previous.map(Seal::sha256),
                epoch.predecessor(),
                end,
                Optional.of(new Recovery(cut, loss)),
                Optional.empty());
        try {
            sealed.publish(seal, Zstd.compress(csv), Optional.empty());
        } catch (LandingConflictException e) {
            throw new IOException("cannot seal what an earlier process left: " + e.getMessage(), e);
        }
        return seal;
    }

    /** Up to the first line that is none. Its first record may be later than expected where one before it was lost. */
    private static RecordRange prefix(RecordCursor cursor, long nextSeq) {
        long count = 0;
        long firstSeq = nextSeq;
        long first = 0;
        long last = 0;
        try {
            while (cursor.next()) {
                last = cursor.tsMicros();
                if (count == 0) {
                    firstSeq = cursor.seq();
                    first = last;
                }
                count++;
            }
        } catch (CorruptRecordException e) {
            // The end of what was appended: zeros, or an append that was cut short.
        }
        return count == 0
                ? RecordRange.empty(nextSeq)
                : new RecordRange(count, firstSeq, firstSeq + count - 1, first, last);
    }

    private static int tailBytes(byte[] file, int from) {
        int end = file.length;
        while (end > from && file[end - 1] == 0) {
            end--;
        }
        return end - from;
    }
}
