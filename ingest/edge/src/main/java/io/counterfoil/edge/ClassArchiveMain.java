package io.counterfoil.edge;

import io.counterfoil.edge.snapshot.SnapshotExample;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Starts an edge that knows one key and has no database, sends it requests, and stops it: run with
 * {@code -XX:ArchiveClassesAtExit} it makes the archive of classes with which an edge starts in half the time. Its one argument is
 * a folder of its own.
 */
final class ClassArchiveMain {
    private static final String NOBODY = "jdbc:postgresql://127.0.0.1:1/none?user=none&connectTimeout=1";
    private static final String KEY = "example";
    private static final int REQUESTS = 200;
    private static final long READY_SECONDS = 60;
    private static final byte[] REQUEST = ("GET /v1/items/1 HTTP/1.1\r\nHost: edge\r\nX-API-Key: " + KEY + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);

    private ClassArchiveMain() {}

    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        deleteIfThere(folder);
        EdgeTemplate.write(folder);
        SnapshotExample.write(folder.resolve("edge"), KEY);
        Path ready = folder.resolve("ready");
        Thread client = new Thread(() -> rehearse(ready), "client");
        client.setDaemon(true);
        client.start();
        EngineProperties.set();
        String[] arguments = {
            "--config", folder.resolve("edge.yaml").toString(),
            "--home", folder.toString(),
            "--listen", "127.0.0.1:0",
            "--ready-file", ready.toString()
        };
        int code = EdgeMain.run(
                arguments, Map.of("COUNTERFOIL_DATABASE_URL", NOBODY, "COUNTERFOIL_EDGE_ADMIN", "127.0.0.1:0"));
        System.err.println("classes are archived only as far as they were loaded: the edge ended with " + code);
        System.exit(0);
    }

    private static void deleteIfThere(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static void rehearse(Path ready) {
        try {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
            while (!Files.exists(ready)) {
                if (System.nanoTime() > deadline) {
                    throw new IOException("the edge was not ready within " + READY_SECONDS + " s");
                }
                TimeUnit.MILLISECONDS.sleep(10);
            }
            String address = Files.readString(ready).strip();
            request(Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)));
        } catch (IOException | InterruptedException | RuntimeException e) {
            System.err.println("classes are archived only as far as they were loaded: " + e.getMessage());
        }
        // An edge starts without an archive too: no build fails over it.
        System.exit(0);
    }

    private static void request(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            InputStream in = socket.getInputStream();
            for (int i = 0; i < REQUESTS; i++) {
                socket.getOutputStream().write(REQUEST);
                if (in.read(new byte[4096]) < 0) {
                    throw new IOException("the edge ended the connection");
                }
            }
        }
    }
}
