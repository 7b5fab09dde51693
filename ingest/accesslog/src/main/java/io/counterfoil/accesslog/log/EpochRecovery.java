package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.LandingConflictException;
import io.counterfoil.accesslog.landing.Zstd;
import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Predecessor;
import io.counterfoil.accesslog.seal.RecordRange;
import io.counterfoil.accesslog.seal.Recovery;
import io.counterfoil.accesslog.seal.Seal;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Consumer;

/**
 * Ends an epoch whose process is gone: seals the longest valid prefix of every segment that it had not sealed, in order, the
 * last with {@code end_of_stream}. Doing it again after an interruption gives the same seals.
 */
final class EpochRecovery {
    private final Path dataFolder;
    private final FolderLanding sealed;
    private final EpochFile epoch;
    private final Disk disk;
    private final Consumer<String> notices;

    private long recoveredRecords;
    private long cutBytes;

    EpochRecovery(Path dataFolder, FolderLanding sealed, EpochFile epoch, Disk disk, Consumer<String> notices) {
        this.dataFolder = dataFolder;
        this.sealed = sealed;
        this.epoch = epoch;
        this.disk = disk;
        this.notices = notices;
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
        Optional<Seal> last = lastSeal(stream);
        if (last.isPresent() && last.get().endOfStream()) {
            return last.get().records().lastSeq();
        }
        long lastNumber = last.map(seal -> seal.id().number()).orElse(0L);
        SortedMap<Long, Path> unsealed = files.segments(stream).tailMap(lastNumber + 1);
        // Where the machine died, a segment may be gone whole though a later one is there: it is sealed empty, numbers
        // have no holes.
        Files.createDirectories(files.folder());
        ControlPage control = ControlPage.open(files.control(), disk);
        try {
            long end = Math.max(lastNumber + 1, unsealed.isEmpty() ? 0 : unsealed.lastKey());
            end = Math.max(end, control.lastBegun());
            for (long number = lastNumber + 1; number <= end; number++) {
                SegmentId id = new SegmentId(stream, number);
                Path file = unsealed.get(number);
                last = Optional.of(seal(id, found(id, file), last, control, number == end));
                if (file != null) {
                    // On a full disk this is the room for the next seal.
                    Files.deleteIfExists(file);
                }
            }
        } finally {
            control.close();
        }
        return last.get().records().lastSeq();
    }

    private Optional<Seal> lastSeal(StreamId stream) throws IOException {
        try {
            return sealed.lastSeal(stream);
        } catch (FileSystemException e) {
            throw e;
        } catch (IOException e) {
            throw new CorruptFolderException(e.getMessage(), e);
        }
    }

    /**
     * A segment's bytes: its file's, or where its process had come as far as its sealed data, without the seal, that: it was synced
     * when it was made, which the file was not.
     */
    private byte[] found(SegmentId id, Path file) throws IOException {
        byte[] inFile = file == null ? RecordFormat.header(id) : MappedSegment.readWhatThereIs(file);
        Optional<byte[]> data = sealed.data(id);
        if (data.isEmpty()) {
            return inFile;
        }
        try {
            byte[] csv = Zstd.decompress(data.get());
            if (prefix(id, csv) == csv.length && csv.length >= prefix(id, inFile)) {
                return csv;
            }
        } catch (IOException e) {
            notices.accept("segment " + id + ": its sealed data is not whole and is made again: " + e.getMessage());
        }
        sealed.discardUnsealed(id);
        return inFile;
    }

    private static int prefix(SegmentId id, byte[] file) {
        return ValidPrefix.of(id, file, file.length, 1).bytes();
    }

    private Seal seal(SegmentId id, byte[] file, Optional<Seal> previous, ControlPage control, boolean end)
            throws IOException {
        long nextSeq = previous.map(seal -> seal.records().lastSeq() + 1).orElse(1L);
        long throughBefore = previous.map(Seal::throughMicros).orElse(0L);
        ValidPrefix prefix = ValidPrefix.of(id, file, file.length, nextSeq);
        RecordRange records = prefix.records();
        byte[] csv = Arrays.copyOf(file, prefix.bytes());
        long cut = tailBytes(file, prefix.bytes());
        Seal seal = new Seal(
                id,
                epoch.streams(),
                records,
                control.servedOf(id.number()),
                control.unloggedOf(id.number()).withLost(lost(id, records, control)),
                Math.max(throughBefore, records.lastMicros()),
                0,
                csv.length,
                Digests.sha256(csv),
                previous.map(Seal::sha256),
                epoch.predecessor(),
                end,
                Optional.of(new Recovery(cut, loss(id, throughBefore, control), forcedLost(id, records, control))),
                Optional.empty());
        try {
            sealed.publish(seal, Zstd.compress(csv), Optional.empty());
        } catch (LandingConflictException e) {
            throw new CorruptFolderException("cannot seal what an earlier process left: " + e.getMessage(), e);
        }
        recoveredRecords += records.count();
        cutBytes += cut;
        tellUnequal(seal);
        return seal;
    }

    /** Requests in flight may be appended and not yet served; none is served and not appended. */
    private void tellUnequal(Seal seal) throws IOException {
        long logged = seal.records().count() + seal.unlogged().total();
        if (!epoch.machineDied() && seal.served() > logged) {
            notices.accept("ALARM segment " + seal.id() + ": served " + seal.served() + " requests, but logged "
                    + seal.records().count() + " and counted " + seal.unlogged().total() + " as unlogged");
        }
    }

    /** Where only the process died, the control page is as it left it: what it had acknowledged is in the file, or was lost. */
    private long lost(SegmentId id, RecordRange records, ControlPage control) throws IOException {
        long lost = epoch.machineDied() ? 0 : control.acknowledgedOf(id.number()) - reached(id, records, control);
        if (lost <= 0) {
            return 0;
        }
        notices.accept("segment " + id + ": " + lost + " records that its process had appended are not in its file; the"
                + " seal counts them as lost. Check the disk under " + dataFolder);
        return lost;
    }

    /** What an earlier segment lost is not lost again here. */
    private static long reached(SegmentId id, RecordRange records, ControlPage control) {
        return Math.max(records.lastSeq(), control.seqBefore(id.number()));
    }

    private long forcedLost(SegmentId id, RecordRange records, ControlPage control) throws IOException {
        long forced = control.forcedOf(id.number()).map(ControlPage.Forced::seq).orElse(0L);
        long lost = forced - reached(id, records, control);
        if (lost <= 0) {
            return 0;
        }
        notices.accept("segment " + id + ": ends at seq " + records.lastSeq() + ", but seq " + forced
                + " had been forced to the disk; " + lost + " records are missing that the disk had confirmed. Do not"
                + " trust the disk under " + dataFolder);
        return lost;
    }

    private String loss(SegmentId id, long throughBefore, ControlPage control) throws IOException {
        if (!epoch.machineDied()) {
            return "none";
        }
        long forced =
                control.forcedOf(id.number()).map(ControlPage.Forced::micros).orElse(0L);
        long since = Math.max(throughBefore, forced);
        return since == 0 ? "since the start" : "since " + Instant.EPOCH.plus(since, ChronoUnit.MICROS);
    }

    private static int tailBytes(byte[] file, int from) {
        int end = file.length;
        while (end > from && file[end - 1] == 0) {
            end--;
        }
        return end - from;
    }
}
