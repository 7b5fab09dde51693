import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * An open-loop client of many keys on loopback: {@code java Freshness.java HOST:PORT KEYS RATE SECONDS}. KEYS has lines of {@code key
 * quota}. Prints how long after the answer that used a key's quota up its first refusal came, and what passed meanwhile. Ends once all
 * keys are refused, or when the time is up.
 */
final class Freshness {
    private static final int THREADS = 8;
    private static final int TOO_MANY = 429;

    private final String host;
    private final int port;
    private final List<Key> keys;
    private final long stepNanos;
    private final long untilNanos;

    private static final class Key {
        final byte[] request;
        final int quota;
        int answered;
        int passed;
        long crossedNanos;
        long refusedNanos;

        Key(String text, int quota) {
            this.quota = quota;
            request = ("GET /v1/items/1 HTTP/1.1\r\nHost: edge\r\nX-API-Key: " + text + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII);
        }

        void answered(int status, long now) {
            if (status == TOO_MANY) {
                refusedNanos = refusedNanos == 0 ? now : refusedNanos;
            } else if (status == 200) {
                answered++;
                passed += answered > quota && refusedNanos == 0 ? 1 : 0;
                crossedNanos = answered == quota ? now : crossedNanos;
            } else {
                throw new IllegalStateException("status " + status + ", expected 200 or 429");
            }
        }
    }

    private Freshness(String address, List<Key> keys, int rate, int seconds) {
        int colon = address.lastIndexOf(':');
        host = address.substring(0, colon);
        port = Integer.parseInt(address.substring(colon + 1));
        this.keys = keys;
        stepNanos = TimeUnit.SECONDS.toNanos(1) * THREADS / rate;
        untilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    }

    public static void main(String[] args) throws Exception {
        List<Key> keys = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(args[1]))) {
            String[] field = line.split(" ");
            keys.add(new Key(field[0], Integer.parseInt(field[1])));
        }
        new Freshness(args[0], keys, Integer.parseInt(args[2]), Integer.parseInt(args[3])).run();
    }

    private void run() throws InterruptedException {
        long start = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        long[] sent = new long[THREADS];
        for (int i = 0; i < THREADS; i++) {
            int number = i;
            Thread thread = new Thread(() -> sent[number] = send(number));
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        long requests = Arrays.stream(sent).sum();
        double[] lags = keys.stream()
                .filter(key -> key.refusedNanos > 0)
                .mapToDouble(key -> (key.refusedNanos - key.crossedNanos) / 1e9)
                .sorted()
                .toArray();
        System.out.printf(Locale.ROOT, "client: %,d requests in %.1f s, %,.0f/s; %d of %d keys refused%n",
                requests, seconds, requests / seconds, lags.length, keys.size());
        System.out.printf(Locale.ROOT, "client: used up -> refused p50 %.2f s, p90 %.2f, p99 %.2f, max %.2f; %,d requests passed%n",
                at(lags, 0.5), at(lags, 0.9), at(lags, 0.99), at(lags, 1),
                keys.stream().mapToLong(key -> key.passed).sum());
    }

    private static double at(double[] sorted, double part) {
        return sorted.length == 0 ? Double.NaN : sorted[(int) Math.max(0, Math.ceil(part * sorted.length) - 1)];
    }

    /** Each thread has its own keys and connection, and a moment for each request, whether or not the last answer was late. */
    private long send(int number) {
        List<Key> own = new ArrayList<>();
        for (int i = number; i < keys.size(); i += THREADS) {
            own.add(keys.get(i));
        }
        long sent = 0;
        try (Socket socket = new Socket(host, port)) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            long due = System.nanoTime() + stepNanos * number / THREADS;
            while (due < untilNanos && own.stream().anyMatch(key -> key.refusedNanos == 0)) {
                TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
                Key key = own.get((int) (sent % own.size()));
                socket.getOutputStream().write(key.request);
                key.answered(receive(in), System.nanoTime());
                sent++;
                due += stepNanos;
            }
            return sent;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException("client " + number + " after " + sent + " requests: " + e, e);
        }
    }

    private static int receive(InputStream in) throws IOException {
        int status = Integer.parseInt(line(in).substring(9, 12));
        int length = 0;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
                length = Integer.parseInt(line.substring(15).strip());
            }
        }
        in.skipNBytes(length);
        return status;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("the connection ended");
            }
            line.append((char) b);
        }
        return line.toString().strip();
    }
}
