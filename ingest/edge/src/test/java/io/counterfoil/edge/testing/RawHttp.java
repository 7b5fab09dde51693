package io.counterfoil.edge.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** A client that speaks HTTP/1.1 over a plain socket, byte by byte, so that a test sees what really comes. */
public final class RawHttp implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 20_000;

    private final Socket socket;
    private final InputStream in;

    public RawHttp(String address) throws IOException {
        int colon = address.lastIndexOf(':');
        socket = new Socket(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** An answer; header names in lower case. */
    public record Response(int status, Map<String, String> headers, String body) {
        public String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    /** The text of a GET without body. */
    public static String get(String path, String... headers) {
        return request("GET", path, headers);
    }

    public static String request(String method, String path, String... headers) {
        StringBuilder text = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: edge\r\n");
        for (String header : headers) {
            text.append(header).append("\r\n");
        }
        return text.append("\r\n").toString();
    }

    /** One request on a connection of its own. */
    public static Response once(String address, String request) throws IOException {
        try (RawHttp http = new RawHttp(address)) {
            http.send(request);
            return http.receive(!request.startsWith("HEAD"));
        }
    }

    public RawHttp send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        return this;
    }

    public Response receive() throws IOException {
        return receive(true);
    }

    /** @throws IOException where the connection ends before the answer does */
    public Response receive(boolean withBody) throws IOException {
        String status = line();
        Map<String, String> headers = new HashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        int code = Integer.parseInt(status.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length()));
        int length = withBody && code >= 200 ? Integer.parseInt(headers.getOrDefault("content-length", "0")) : 0;
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new IOException("the connection ended within a body");
        }
        return new Response(code, headers, new String(body, StandardCharsets.UTF_8));
    }

    /** Whether something has come that was not received yet. */
    public boolean hasAnswer() throws IOException {
        return in.available() > 0;
    }

    /** Reads that many bytes and throws them away. */
    public void skip(long bytes) throws IOException {
        in.skipNBytes(bytes);
    }

    /** Everything up to that text, headers and framing as they come. */
    public String readUntil(String end) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf(end, Math.max(0, text.length() - end.length())) < 0) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("the connection ended after " + text);
            }
            text.append((char) b);
        }
        return text.toString();
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("the connection ended within a head");
            }
            line.append((char) b);
        }
        return line.toString().strip();
    }

    /** Whether the other side has ended the connection; waits for it. */
    public boolean isEnded() throws IOException {
        return in.read() < 0;
    }

    /** Goes away without a farewell: the other side's kernel sees a reset. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
