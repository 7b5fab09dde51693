package io.counterfoil.edge.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A client that knows exactly what it was answered, however the server ends: every connection has one request under way, with the
 * id {@code <connection>-<number>}, and counts an answer when the last byte of its body has come. Arguments: port, path, key,
 * connections, seconds at most. Prints a line {@code <connection> <answered>} for each connection.
 */
public final class CountingClient {
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d+)\r\n");
    private static final String END_OF_HEAD = "\r\n\r\n";
    private static final int BUFFER_BYTES = 4096;
    private static final long SELECT_MILLIS = 100;

    private final int number;
    private final String head;
    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocate(BUFFER_BYTES);
    private long answered;

    private CountingClient(int number, int port, String path, String key) throws IOException {
        this.number = number;
        head = "GET " + path + " HTTP/1.1\r\nHost: bench\r\nX-API-Key: " + key + "\r\nX-Request-Id: " + number + "-";
        channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        channel.configureBlocking(false);
    }

    public static void main(String[] args) throws IOException {
        long end = System.nanoTime() + Long.parseLong(args[4]) * 1_000_000_000L;
        List<CountingClient> clients = new ArrayList<>();
        try (Selector selector = Selector.open()) {
            for (int i = 0; i < Integer.parseInt(args[3]); i++) {
                CountingClient client = new CountingClient(i, Integer.parseInt(args[0]), args[1], args[2]);
                client.channel.register(selector, SelectionKey.OP_READ, client);
                clients.add(client);
            }
            for (CountingClient client : clients) {
                client.send();
            }
            while (!selector.keys().isEmpty() && System.nanoTime() < end) {
                selector.select(key -> ((CountingClient) key.attachment()).proceed(key), SELECT_MILLIS);
            }
        }
        for (CountingClient client : clients) {
            System.out.println(client.number + " " + client.answered);
        }
    }

    private void proceed(SelectionKey key) {
        try {
            if (channel.read(in) >= 0) {
                if (isWhole()) {
                    answered++;
                    in.clear();
                    send();
                }
                return;
            }
        } catch (IOException e) {
            // The server was killed; what has not been answered by now never will be.
        }
        key.cancel();
    }

    private boolean isWhole() throws IOException {
        String text = new String(in.array(), 0, in.position(), StandardCharsets.ISO_8859_1);
        int end = text.indexOf(END_OF_HEAD);
        Matcher length = LENGTH.matcher(text);
        if (end < 0 || !length.find()) {
            return false;
        }
        if (!text.startsWith("HTTP/1.1 200 ")) {
            throw new IllegalStateException("expected status 200, was answered: " + text.substring(0, end));
        }
        return text.length() >= end + END_OF_HEAD.length() + Integer.parseInt(length.group(1));
    }

    private void send() throws IOException {
        ByteBuffer out = ByteBuffer.wrap((head + (answered + 1) + END_OF_HEAD).getBytes(StandardCharsets.ISO_8859_1));
        while (out.hasRemaining()) {
            channel.write(out);
        }
    }
}
