package io.counterfoil.jobs.notify;

import javax.net.ssl.SSLContext;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A receiver on loopback that answers as bytes on a socket: also what no HTTP server would. */
final class Receiver implements AutoCloseable {
    /** One request, as it came. */
    record Request(Map<String, String> fields, String body, String line) {}

    /** Writes the answer; the connection is closed afterwards. */
    @FunctionalInterface
    interface Answer {
        void write(Request request, OutputStream out) throws Exception;
    }

    private final ServerSocket server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final Answer answer;

    private Receiver(ServerSocket server, Answer answer) {
        this.server = server;
        this.answer = answer;
        threads.execute(this::accept);
    }

    static Receiver answering(Answer answer) throws IOException {
        return new Receiver(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), answer);
    }

    static Receiver answering(String status, String... fields) throws IOException {
        return answering((request, out) -> out.write(head(status, fields)));
    }

    static Receiver tls(SSLContext context, Answer answer) throws IOException {
        return new Receiver(
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress()), answer);
    }

    static byte[] head(String status, String... fields) {
        return ("HTTP/1.1 " + status + "\r\n" + String.join("\r\n", fields) + (fields.length > 0 ? "\r\n" : "")
                        + "Content-Length: 0\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    int port() {
        return server.getLocalPort();
    }

    String url() {
        return "http://127.0.0.1:" + port() + "/hook?token=hush";
    }

    List<Request> requests() {
        return requests;
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                threads.execute(() -> serve(socket));
            }
        } catch (IOException e) {
            // It is closed.
            return;
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            Request request = read(new BufferedInputStream(socket.getInputStream()));
            requests.add(request);
            answer.write(request, socket.getOutputStream());
            socket.getOutputStream().flush();
        } catch (Exception e) {
            // Whoever sent it went away.
            return;
        }
    }

    private static Request read(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("no whole head");
            }
            head.write(next);
        }
        List<String> lines = head.toString(StandardCharsets.ISO_8859_1).lines().toList();
        Map<String, String> fields = new HashMap<>();
        for (String line : lines.subList(1, lines.size() - 1)) {
            String[] parts = line.split(": ?", 2);
            fields.put(parts[0].toLowerCase(Locale.ROOT), parts[1]);
        }
        byte[] body = in.readNBytes(Integer.parseInt(fields.getOrDefault("content-length", "0")));
        return new Request(fields, new String(body, StandardCharsets.UTF_8), lines.get(0));
    }

    @Override
    public void close() throws IOException {
        server.close();
        threads.shutdownNow();
    }
}
