package io.counterfoil.edge.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A server behind the edge that does, byte by byte, what a test wants of it. One thread a connection. */
public final class RawOrigin implements AutoCloseable {
    private final ServerSocket server;
    private final Behaviour behaviour;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();

    /** What it does with a request whose head it has read. */
    @FunctionalInterface
    public interface Behaviour {
        /** Reads what body it wants and writes what answer it wants; true to wait for another request. */
        boolean answer(String head, InputStream in, OutputStream out) throws IOException, InterruptedException;
    }

    public RawOrigin(Behaviour behaviour) throws IOException {
        this.behaviour = behaviour;
        server = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        Thread acceptor = new Thread(this::accept, "origin");
        acceptor.setDaemon(true);
        acceptor.start();
    }

    /** One that answers everything with this status line's rest, fields and body. */
    public static RawOrigin answering(String statusAndFields, String body) throws IOException {
        byte[] answer = ("HTTP/1.1 " + statusAndFields + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.ISO_8859_1);
        return new RawOrigin((head, in, out) -> {
            in.skipNBytes(length(head));
            out.write(answer);
            return true;
        });
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                sockets.add(socket);
                connections.incrementAndGet();
                Thread thread = new Thread(() -> serve(socket), "origin-connection");
                thread.setDaemon(true);
                thread.start();
            }
        } catch (IOException e) {
            // Closed: the test is over.
            return;
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (String head = head(in); !head.isEmpty(); head = head(in)) {
                heads.add(head);
                boolean more = behaviour.answer(head, in, socket.getOutputStream());
                socket.getOutputStream().flush();
                if (!more) {
                    return;
                }
            }
        } catch (IOException | InterruptedException e) {
            // The edge left, or the test is over.
            return;
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                return "";
            }
            head.append((char) b);
        }
        return head.toString();
    }

    /** The value of a field of a head, or empty. */
    public static String field(String head, String name) {
        for (String line : head.split("\r\n", -1)) {
            if (line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":")) {
                return line.substring(name.length() + 1).strip();
            }
        }
        return "";
    }

    public static int length(String head) {
        String length = field(head, "content-length");
        return length.isEmpty() ? 0 : Integer.parseInt(length);
    }

    public String url() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    /** Every head it has read. */
    public List<String> heads() {
        return new ArrayList<>(heads);
    }

    /** How many connections it has accepted. */
    public int connections() {
        return connections.get();
    }

    /** How many of them the edge has not ended. */
    public long open() {
        return sockets.stream().filter(socket -> !socket.isClosed()).count();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
