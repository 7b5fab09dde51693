package io.counterfoil.schedules.demo;

import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A client with one key that asks, a few hundred times a second, until it is refused. */
final class LiveTraffic {
    private static final int REQUESTS_A_SECOND = 200;
    private static final long GIVE_UP_SECONDS = 60;
    private static final int TOO_MANY = 429;

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final String address;
    private final String key;
    private final List<String> paths;
    private long answered;

    LiveTraffic(String address, String key, List<String> paths) {
        this.address = address;
        this.key = key;
        this.paths = paths;
    }

    /** Answers that this client got, of whatever status. */
    long answered() {
        return answered;
    }

    /**
     * Sends until the first refusal; returns that answer's head and body as text.
     *
     * @throws OperatorException where none came within a minute
     */
    String sendUntilRefused() throws InterruptedException, IOException {
        long start = System.nanoTime();
        for (long i = 0; System.nanoTime() - start < TimeUnit.SECONDS.toNanos(GIVE_UP_SECONDS); i++) {
            HttpResponse<String> answer = send(paths.get((int) (i % paths.size())));
            if (answer.statusCode() == TOO_MANY) {
                return text(answer);
            }
            long due = start + (i + 1) * TimeUnit.SECONDS.toNanos(1) / REQUESTS_A_SECOND;
            TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
        }
        throw OperatorException.corrupt("the edge refused nothing within " + GIVE_UP_SECONDS + " s and " + answered
                + " requests: no flag arrived. The lines of its log and of the rollup say why");
    }

    private HttpResponse<String> send(String path) throws InterruptedException, IOException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + address + path))
                .header("Authorization", "Bearer " + key)
                .timeout(Duration.ofSeconds(10))
                .build();
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        answered++;
        return answer;
    }

    private static String text(HttpResponse<String> answer) {
        List<String> lines = new ArrayList<>();
        lines.add("HTTP/1.1 " + answer.statusCode() + " Too Many Requests");
        for (String header : List.of("retry-after", "ratelimit-policy", "ratelimit", "content-type")) {
            Optional<String> value = answer.headers().firstValue(header);
            value.ifPresent(text -> lines.add(header + ": " + text));
        }
        lines.add("");
        lines.add(answer.body());
        return String.join("\n", lines);
    }
}
