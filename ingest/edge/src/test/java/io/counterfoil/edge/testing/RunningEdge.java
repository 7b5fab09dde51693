package io.counterfoil.edge.testing;

import io.counterfoil.edge.Edge;
import io.counterfoil.edge.EdgeSecrets;
import io.counterfoil.edge.EdgeTemplate;
import io.counterfoil.edge.config.ConfigFile;
import io.counterfoil.edge.config.EdgeConfig;
import io.counterfoil.edge.config.Overrides;
import io.counterfoil.edge.dataset.Fingerprint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** An edge in this JVM, made of the template that users begin with. */
public final class RunningEdge implements AutoCloseable {
    private final Path folder;
    private final Edge edge;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private boolean drained;

    public RunningEdge(Path folder, String jdbcUrl, InstantSource clock) {
        this(folder, EdgeSecrets.of(jdbcUrl), clock);
    }

    public RunningEdge(Path folder, EdgeSecrets secrets, InstantSource clock) {
        this.folder = folder;
        if (!Files.exists(folder.resolve("edge.yaml"))) {
            EdgeTemplate.write(folder);
        }
        long looked = Fingerprint.of(folder.resolve("edge.yaml"));
        edge = Edge.start(read(), secrets, clock, lines::add);
        edge.follow(folder.resolve("edge.yaml"), looked, this::read);
    }

    private EdgeConfig read() {
        Overrides overrides = Overrides.of(Map.of("COUNTERFOIL_EDGE_ADMIN", "127.0.0.1:0"))
                .option("listen", "--listen", Optional.of("127.0.0.1:0"));
        return ConfigFile.read(folder.resolve("edge.yaml"), overrides, Optional.of(folder));
    }

    public String address() {
        return edge.address().toString();
    }

    /** Where health and metrics are. */
    public String admin() {
        return edge.adminAddress().orElseThrow().toString();
    }

    /** Where the feed is. */
    public String feed() {
        return edge.feedAddress().orElseThrow().toString();
    }

    /** Where records are taken. */
    public String collector() {
        return edge.collectorAddress().orElseThrow().toString();
    }

    /** How many records its log has taken. */
    public long appended() {
        return edge.log().records();
    }

    /** How many requests have gone without a record. */
    public long unlogged() {
        return edge.log().unlogged().total();
    }

    /** What the operator was told. */
    public List<String> lines() {
        return lines;
    }

    /** Stops the edge and reads what it landed. */
    public LandedLog drain() throws Exception {
        drained = true;
        edge.drain();
        return LandedLog.read(folder.resolve("landing"));
    }

    @Override
    public void close() throws IOException {
        if (!drained) {
            edge.drain();
        }
    }
}
