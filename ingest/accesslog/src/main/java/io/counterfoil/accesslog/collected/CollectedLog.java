package io.counterfoil.accesslog.collected;

import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.ship.Shipper;
import io.counterfoil.accesslog.ship.ShippingCounters;
import io.counterfoil.accesslog.ship.ShippingThread;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The log of what others post: a stream a source, made of whole batches. A batch is told to be taken when it has been forced to the
 * disk; batches that come together are forced together. One thread appends, forces and seals, one ships.
 *
 * <pre>
 * folder/SOURCE/…     {@link SourceFolder}
 * folder/sealed/…     sealed segments that wait to be shipped
 * </pre>
 */
public final class CollectedLog implements AutoCloseable {
    private static final String SEALED = "sealed";

    private final ShippingThread ship;
    private final CollectingThread collecting;

    private CollectedLog(
            CollectedLogConfig config,
            Map<String, SourceLog> sources,
            ShippingCounters shipping,
            FolderLanding sealed,
            Landing landing,
            KeyNumbers keys,
            Consumer<String> notices) {
        ship = new ShippingThread(new Shipper(sealed, stream -> true, landing, shipping, notices));
        collecting = new CollectingThread(config, sources, keys, shipping, ship::wake, notices);
        ship.start();
        ship.wake();
        collecting.start();
    }

    /**
     * Opens it, and seals what an earlier process left; afterwards batches may be given.
     *
     * @param keys the newest that is known; called from the log's own thread
     * @param notices one line a state change, for the operator; called from any thread
     * @throws IOException where the folder cannot be read or written, or what is in it is damaged
     */
    public static CollectedLog open(
            CollectedLogConfig config, Landing landing, KeyNumbers keys, InstantSource clock, Consumer<String> notices)
            throws IOException {
        return open(config, landing, keys, clock, notices, Journal.Force.REAL);
    }

    static CollectedLog open(
            CollectedLogConfig config,
            Landing landing,
            KeyNumbers keys,
            InstantSource clock,
            Consumer<String> notices,
            Journal.Force force)
            throws IOException {
        DurableFiles.createFolders(config.folder().resolve(SEALED));
        FolderLanding sealed = new FolderLanding(config.folder().resolve(SEALED));
        ShippingCounters shipping = new ShippingCounters();
        shipping.found(sealed.dataSizes());
        Map<String, SourceLog> sources = new HashMap<>();
        TreeSet<String> names = new TreeSet<>(config.sources());
        names.addAll(found(config.folder()));
        for (String source : names) {
            SourceFolder folder = SourceFolder.open(config.folder(), source, clock.instant());
            sources.put(source, SourceLog.open(folder, sealed, shipping, clock, force));
        }
        return new CollectedLog(config, sources, shipping, sealed, landing, keys, notices);
    }

    private static List<String> found(Path folder) throws IOException {
        List<String> names = new ArrayList<>();
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.toList()) {
                if (Files.exists(entry.resolve("epoch"))) {
                    names.add(String.valueOf(entry.getFileName()));
                }
            }
        }
        return names;
    }

    /**
     * Takes a batch of a source that was named at the opening. Completes on the log's thread once it is on the disk; exceptionally,
     * with nothing taken, by {@link CollectorBusyException} where the disk or the landing does not keep up.
     */
    public CompletableFuture<TakenBatch> take(String source, CollectedBatch batch) {
        return collecting.take(source, batch);
    }

    /** Hashes of keys that records wait for; at most so many. */
    public Set<String> heldKeys(int most) {
        return collecting.heldKeys(most);
    }

    /** Keys may be known now that were not. */
    public void keysChanged() {
        collecting.keysChanged();
    }

    public CollectedLogStats stats() {
        return collecting.stats();
    }

    /** Seals what was taken, and ships what can be shipped within ten seconds; nothing may be given any more. */
    @Override
    public void close() {
        collecting.finish();
        ship.finish();
    }
}
