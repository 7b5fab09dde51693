package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.record.Epoch;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Predecessor;
import io.counterfoil.accesslog.seal.Unlogged;
import io.counterfoil.accesslog.ship.Shipper;
import io.counterfoil.accesslog.ship.ShippingThread;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * The access log of one edge process: takes the data folder, seals what a process before it left behind, begins a new epoch, and
 * gives each event loop its {@link LogStream}. Three threads of its own prepare and force files, seal, and ship.
 *
 * <pre>
 * folder/lock          held while the process lives
 * folder/epoch.json    the current epoch
 * folder/reserve       space that only a seal may have
 * folder/streams/…     active and prepared segments, mapped
 * folder/sealed/…      sealed segments that wait to be shipped; a {@link FolderLanding}
 * </pre>
 */
public final class AccessLog implements AutoCloseable {
    private final FolderLock lock;
    private final OpenedFolder opened;
    private final LogCounters counters = new LogCounters();
    private final List<LogStream> streams = new ArrayList<>();
    private final List<StreamProgress> progress = new ArrayList<>();
    private final BlockingQueue<RolledSegment> rolled = new LinkedBlockingQueue<>();
    private final FilesThread files;
    private final SealingThread sealing;
    private final ShippingThread shipping;

    /** What opening a data folder found and began. */
    record OpenedFolder(
            FolderLanding sealed,
            Epoch epoch,
            Optional<Predecessor> predecessor,
            Reserve reserve,
            long recoveredRecords,
            long cutBytes) {}

    private AccessLog(
            FolderLock lock,
            AccessLogConfig config,
            OpenedFolder opened,
            Landing landing,
            MicroClock clock,
            Disk disk,
            Consumer<String> notices)
            throws IOException {
        this.lock = lock;
        this.opened = opened;
        Semaphore wakes = new Semaphore(0);
        Map<StreamId, SpareFiles> spares = new HashMap<>();
        List<Forcer> forcers = new ArrayList<>();
        for (int i = 0; i < config.streams(); i++) {
            StreamId id = new StreamId(config.edge(), opened.epoch(), i);
            StreamFiles names = new StreamFiles(config.folder(), id);
            DurableFiles.createFolders(names.folder());
            SpareFiles own = new SpareFiles(id, names, config, disk, wakes::release);
            // The first one only: it is what requests wait for.
            own.prepare();
            ControlPage control = ControlPage.open(names.control(), disk);
            StreamProgress reached = new StreamProgress(counters.unsealed);
            spares.put(id, own);
            progress.add(reached);
            forcers.add(new Forcer(id, reached, control, config.forceEvery(), counters, notices));
            streams.add(new LogStream(id, clock, control, own, rolled, reached));
        }
        counters.shipping.found(opened.sealed().dataSizes());
        shipping = new ShippingThread(new Shipper(
                opened.sealed(), stream -> stream.epoch().equals(opened.epoch()), landing, counters.shipping, notices));
        Sealer sealer = new Sealer(opened.sealed(), config.streams(), opened.predecessor(), counters, notices);
        sealing = new SealingThread(sealer, rolled, spares, opened.reserve(), counters, shipping::wake, notices);
        files = new FilesThread(
                List.copyOf(spares.values()),
                forcers,
                opened.reserve(),
                config.maxWaitingBytes(),
                counters,
                notices,
                wakes);
        files.start();
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
        return open(config, landing, clock, notices, Disk.REAL);
    }

    static AccessLog open(
            AccessLogConfig config, Landing landing, MicroClock clock, Consumer<String> notices, Disk disk)
            throws IOException, FolderInUseException {
        DurableFiles.createFolders(config.folder());
        FolderLock lock = FolderLock.take(config.folder());
        try {
            OpenedFolder opened = new FolderOpening(config, clock, disk, notices).open();
            return new AccessLog(lock, config, opened, landing, clock, disk, notices);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    public Epoch epoch() {
        return opened.epoch();
    }

    /** The stream of one event loop; from then on that event loop's alone. */
    public LogStream stream(int number) {
        return streams.get(number);
    }

    /** The log's state for metrics; cheap, from any thread, also after {@link #close}. */
    public LogStats stats() {
        long records = 0;
        long bytes = 0;
        Unlogged unlogged = new Unlogged(0, 0, counters.lost.get());
        for (StreamProgress stream : progress) {
            records += stream.seq();
            bytes += stream.bytes();
            unlogged = new Unlogged(
                    unlogged.disk() + stream.unloggedDisk(),
                    unlogged.noSegment() + stream.unloggedNoSegment(),
                    unlogged.lost());
        }
        return new LogStats(
                records,
                bytes,
                counters.unsealed.get(),
                counters.shipping.waitingSegments(),
                counters.shipping.waitingBytes(),
                unlogged,
                counters.forces.get(),
                counters.forceNanos.get(),
                counters.forceMaxNanos.get(),
                counters.failedForces.get(),
                counters.poisoned.get(),
                counters.shipping.quarantined().size(),
                counters.shipping.landingDown(),
                counters.shipping.secondsSinceShipped(),
                opened.recoveredRecords(),
                opened.cutBytes());
    }

    /**
     * Seals what has been rolled, ships what can be shipped within ten seconds (the rest at the next start), and gives the folder
     * free. Every stream must have ended.
     */
    @Override
    public void close() throws IOException {
        sealing.finish();
        files.finish();
        shipping.finish();
        lock.close();
    }
}
