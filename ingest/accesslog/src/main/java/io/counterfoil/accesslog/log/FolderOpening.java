package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.record.Epoch;
import io.counterfoil.accesslog.seal.Predecessor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Seals what an earlier process left in a data folder, and begins the next epoch there. The folder's lock is held. */
final class FolderOpening {
    private final AccessLogConfig config;
    private final MicroClock clock;
    private final Disk disk;
    private final Consumer<String> notices;

    FolderOpening(AccessLogConfig config, MicroClock clock, Disk disk, Consumer<String> notices) {
        this.config = config;
        this.clock = clock;
        this.disk = disk;
        this.notices = notices;
    }

    AccessLog.OpenedFolder open() throws IOException {
        Path folder = config.folder();
        Optional<EpochFile> last = EpochFile.read(folder);
        if (last.isPresent() && !last.get().edge().equals(config.edge())) {
            throw new IOException("data folder " + folder + " belongs to edge '"
                    + last.get().edge() + "', this one is '" + config.edge()
                    + "'; give each edge a folder of its own");
        }
        requireNoOther(folder.resolve("streams"), last);
        FolderLanding sealed = new FolderLanding(folder.resolve("sealed"));
        Reserve reserve = new Reserve(folder, config.segmentBytes(), disk);
        Optional<Predecessor> predecessor = Optional.empty();
        long recovered = 0;
        long cut = 0;
        if (last.isPresent()) {
            EpochRecovery recovery = new EpochRecovery(folder, sealed, last.get(), disk, notices);
            predecessor = Optional.of(recover(recovery, reserve));
            recovered = recovery.recoveredRecords();
            cut = recovery.cutBytes();
        }
        if (recovered > 0 || cut > 0) {
            notices.accept("recovered " + recovered + " records of epoch "
                    + last.map(EpochFile::epoch).map(Epoch::toString).orElse("")
                    + " that its process had not sealed, cut "
                    + cut + " bytes of an unfinished append");
        }
        long lastNumber = last.map(file -> file.epoch().number()).orElse(0L);
        long nonce = new SecureRandom().nextLong();
        Epoch epoch = new Epoch(Math.max(lastNumber + 1, clock.micros() / 1_000_000), nonce);
        // In this order: files of an epoch that is not the one on record are files that nobody has recovered.
        deleteStreams(folder.resolve("streams"));
        new EpochFile(config.edge(), epoch, config.streams(), EpochFile.currentBootId(), predecessor).write(folder);
        return new AccessLog.OpenedFolder(sealed, epoch, predecessor, reserve, recovered, cut);
    }

    private static Predecessor recover(EpochRecovery recovery, Reserve reserve) throws IOException {
        try {
            return recovery.recover();
        } catch (IOException e) {
            if (!reserve.giveUp()) {
                throw e;
            }
            Predecessor recovered = recovery.recover();
            reserve.notNeeded();
            return recovered;
        }
    }

    private static void requireNoOther(Path streams, Optional<EpochFile> last) throws IOException {
        if (!Files.exists(streams)) {
            return;
        }
        Optional<String> known = last.map(file -> file.epoch().toString());
        try (Stream<Path> epochs = Files.list(streams)) {
            for (Path epoch : epochs.toList()) {
                boolean onRecord =
                        known.filter(epoch.getFileName().toString()::equals).isPresent();
                if (!onRecord && StreamFiles.holdSegments(epoch)) {
                    throw new CorruptFolderException(
                            epoch + " holds segments that were never sealed, of an epoch that is not"
                                    + known.map(each -> " the one on record in epoch.json, " + each)
                                            .orElse(" on record: epoch.json is gone")
                                    + "; put that epoch's epoch.json back, or, to give those records up, move the folder away");
                }
            }
        }
    }

    /** Every earlier epoch is sealed by now; its mapped files are of no use any more. */
    private static void deleteStreams(Path streams) throws IOException {
        if (!Files.exists(streams)) {
            return;
        }
        try (Stream<Path> files = Files.walk(streams)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
