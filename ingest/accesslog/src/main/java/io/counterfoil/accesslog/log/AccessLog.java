package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.record.Epoch;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Predecessor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The access log of one edge process: takes the data folder, seals what a process before it left behind, begins a new epoch, and
 * gives each event loop its {@link LogStream}. Two threads of its own seal and ship.
 *
 * <pre>
 * folder/lock          held while the process lives
 * folder/epoch.json    the current epoch
 * folder/streams/…     active and prepared segments, mapped
 * folder/sealed/…      sealed segments that wait to be shipped; a {@link FolderLanding}
 * </pre>
 */
public final class AccessLog implements AutoCloseable {
    private final FolderLock lock;
    private final Epoch epoch;
    private final List<LogStream> streams = new ArrayList<>();
    private final BlockingQueue<RolledSegment> rolled = new LinkedBlockingQueue<>();
    private final SealingThread sealing;
    private final ShippingThread shipping;

    private AccessLog(
            FolderLock lock,
            AccessLogConfig config,
            Epoch epoch,
            Optional<Predecessor> predecessor,
            FolderLanding sealed,
            Landing landing,
            MicroClock clock,
            Consumer<String> notices)
            throws IOException {
        this.lock = lock;
        this.epoch = epoch;
        Map<StreamId, Queue<MappedSegment>> spares = new HashMap<>();
        for (int i = 0; i < config.streams(); i++) {
            StreamId id = new StreamId(config.edge(), epoch, i);
            StreamFiles files = new StreamFiles(config.folder(), id);
            DurableFiles.createFolders(files.folder());
            Queue<MappedSegment> own = new ConcurrentLinkedQueue<>();
            for (int k = 0; k < config.filesPerStream(); k++) {
                own.add(MappedSegment.create(files.segment(k), config.segmentBytes()));
            }
            spares.put(id, own);
            streams.add(new LogStream(id, clock, ControlPage.open(files.control()), own, rolled));
        }
        shipping = new ShippingThread(new Shipper(sealed, epoch, landing, notices));
        Sealer sealer = new Sealer(sealed, config.streams(), predecessor, notices);
        sealing = new SealingThread(sealer, rolled, spares, shipping::wake, notices);
        shipping.start();
        // What an earlier process sealed waits for nobody.
        shipping.wake();
        sealing.start();
    }

    /**
     * Opens the log; afterwards requests may be answered.
     *
     * @param notices one line a state change, for the operator; called from any thread
     * @throws FolderInUseException where another process holds the folder
     * @throws IOException where the folder cannot be written or holds another edge's log
     */
    public static AccessLog open(AccessLogConfig config, Landing landing, MicroClock clock, Consumer<String> notices)
            throws IOException, FolderInUseException {
        Path folder = config.folder();
        DurableFiles.createFolders(folder);
        FolderLock lock = FolderLock.take(folder);
        try {
            Optional<EpochFile> last = EpochFile.read(folder);
            if (last.isPresent() && !last.get().edge().equals(config.edge())) {
                throw new IOException("data folder " + folder + " belongs to edge '"
                        + last.get().edge() + "', this one is '" + config.edge()
                        + "'; give each edge a folder of its own");
            }
            FolderLanding sealed = new FolderLanding(folder.resolve("sealed"));
            Optional<Predecessor> predecessor = Optional.empty();
            if (last.isPresent()) {
                predecessor = Optional.of(recover(folder, sealed, last.get(), notices));
            }
            long lastNumber = last.map(file -> file.epoch().number()).orElse(0L);
            long nonce = new SecureRandom().nextLong();
            Epoch epoch = new Epoch(Math.max(lastNumber + 1, clock.micros() / 1_000_000), nonce);
            new EpochFile(config.edge(), epoch, config.streams(), EpochFile.currentBootId(), predecessor).write(folder);
            deleteStreams(folder.resolve("streams"));
            return new AccessLog(lock, config, epoch, predecessor, sealed, landing, clock, notices);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static Predecessor recover(Path folder, FolderLanding sealed, EpochFile last, Consumer<String> notices)
            throws IOException {
        EpochRecovery recovery = new EpochRecovery(folder, sealed, last);
        Predecessor predecessor = recovery.recover();
        if (recovery.recoveredRecords() > 0 || recovery.cutBytes() > 0) {
            notices.accept("recovered " + recovery.recoveredRecords() + " records of epoch " + last.epoch()
                    + " that its process had not sealed, cut " + recovery.cutBytes()
                    + " bytes of an unfinished append");
        }
        return predecessor;
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

    public Epoch epoch() {
        return epoch;
    }

    /** The stream of one event loop; from then on that event loop's alone. */
    public LogStream stream(int number) {
        return streams.get(number);
    }

    /**
     * Seals what has been rolled, ships what can be shipped within ten seconds (the rest at the next start), and gives the folder
     * free. Every stream must have ended.
     */
    @Override
    public void close() throws IOException {
        sealing.finish();
        shipping.finish();
        lock.close();
    }
}
