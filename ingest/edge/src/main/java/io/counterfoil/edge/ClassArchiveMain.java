package io.counterfoil.edge;

import io.counterfoil.accesslog.log.AccessLog;
import io.counterfoil.edge.config.ConfigFile;
import io.counterfoil.edge.config.EdgeConfig;
import io.counterfoil.edge.config.Overrides;
import io.counterfoil.edge.http.EdgeServer;
import io.counterfoil.edge.http.RequestLog;
import io.counterfoil.edge.snapshot.CurrentSnapshot;
import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Loads what an edge loads until its first answer, and ends: run with {@code -XX:ArchiveClassesAtExit} it makes the archive with which
 * an edge starts in half the time. Needs no database; what keeps it from starting is told, and ends it all the same, since an edge
 * starts without an archive too.
 */
final class ClassArchiveMain {
    private static final String NOBODY = "jdbc:postgresql://127.0.0.1:1/none?user=none&connectTimeout=1";
    private static final int REQUESTS = 200;
    private static final byte[] REQUEST =
            "GET /v1/items/1 HTTP/1.1\r\nHost: edge\r\nX-API-Key: none\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private ClassArchiveMain() {}

    public static void main(String[] args) throws IOException {
        EngineProperties.set();
        Path folder = Files.createTempDirectory("counterfoil-classes");
        try {
            run(folder);
        } catch (IOException | RuntimeException e) {
            System.err.println("classes are archived only as far as they were loaded: " + e.getMessage());
        } finally {
            delete(folder);
        }
        System.exit(0);
    }

    private static void run(Path folder) throws IOException {
        EdgeTemplate.write(folder);
        Overrides overrides =
                Overrides.of(Map.of("COUNTERFOIL_EDGE_LISTEN", "127.0.0.1:0", "COUNTERFOIL_EDGE_ADMIN", "127.0.0.1:0"));
        EdgeConfig config = ConfigFile.read(folder.resolve("edge.yaml"), overrides, Optional.of(folder));
        OperatorOutput output = new OperatorOutput(System.out, Clock.systemUTC());
        try {
            Edge.start(config, NOBODY, Clock.systemUTC(), output);
        } catch (OperatorException e) {
            // As expected of a new edge whose database is not there: its driver is loaded by now.
            output.accept(e.getMessage());
        }
        serve(config, output);
    }

    /** Answers, and logs, without a key in the world. */
    private static void serve(EdgeConfig config, OperatorOutput output) throws IOException {
        Clock clock = Clock.systemUTC();
        AccessLog log = Edge.openLog(config, clock, output);
        EdgeServer server = EdgeServer.start(
                config,
                new EdgeServer.Parts(loop -> RequestLog.of(log.stream(loop)), CurrentSnapshot.empty(), clock),
                output);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            InputStream in = socket.getInputStream();
            for (int i = 0; i < REQUESTS; i++) {
                socket.getOutputStream().write(REQUEST);
                if (in.read(new byte[4096]) < 0) {
                    throw new IOException("the edge ended the connection");
                }
            }
        }
        server.drain(Duration.ofSeconds(1));
        log.close();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
