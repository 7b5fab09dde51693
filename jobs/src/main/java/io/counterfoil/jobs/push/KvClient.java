package io.counterfoil.jobs.push;

import io.counterfoil.jobs.notify.RetryAfter;
import io.counterfoil.sql.OperatorException;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.util.Timeout;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks the Workers KV REST API, and asks again where that may help: as long after 429 as it says; after 5xx, 408, lost connections, and
 * what says that nothing came of it or is no answer of the API's, with growing pauses. Every request here may be repeated: it says what is to be there, not what is to change. For one thread.
 */
final class KvClient implements AutoCloseable {
    /** Read of an answer; a value is at most 25 MiB. */
    private static final int MAX_ANSWER_BYTES = 26 << 20;

    private final KvSettings settings;
    private final Patience patience;
    private final InstantSource clock;
    private final CloseableHttpClient client;
    private final ScheduledThreadPoolExecutor watch = new ScheduledThreadPoolExecutor(1, work -> {
        Thread thread = new Thread(work, "kv deadline");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * How long to go on.
     *
     * @param attempts of one request
     * @param firstPause after the first; then twice as long each time
     * @param longestPause that is waited where the API says how long; where it says more, that is told instead
     * @param deadline of one attempt, whatever drips in
     */
    record Patience(int attempts, Duration firstPause, Duration longestPause, Duration deadline) {
        static final Patience USUAL =
                new Patience(5, Duration.ofMillis(500), Duration.ofSeconds(30), Duration.ofSeconds(60));
    }

    KvClient(KvSettings settings, Patience patience, InstantSource clock) {
        this.settings = settings;
        this.patience = patience;
        this.clock = clock;
        Timeout each = Timeout.of(patience.deadline());
        this.client = HttpClients.custom()
                // The way out of a company's network, where the JVM was told one.
                .useSystemProperties()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .useSystemProperties()
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(Timeout.of(Duration.ofSeconds(10)))
                                .setSocketTimeout(each)
                                .build())
                        .build())
                .setDefaultRequestConfig(
                        RequestConfig.custom().setResponseTimeout(each).build())
                // A redirect would take the token elsewhere.
                .disableRedirectHandling()
                .disableAutomaticRetries()
                .disableCookieManagement()
                .setUserAgent("counterfoil")
                .build();
        watch.setRemoveOnCancelPolicy(true);
    }

    /** @param path below the namespace, as {@code values/NAME} */
    Optional<byte[]> read(String path) {
        KvAnswer answer = call("GET", path, Optional.empty());
        return answer.isMissing() ? Optional.empty() : Optional.of(answer.body());
    }

    /** Returns the answer to what was accepted. */
    KvAnswer send(String method, String path, byte[] body, ContentType type) {
        KvAnswer answer = call(method, path, Optional.of(new ByteArrayEntity(body, type)));
        if (answer.isMissing()) {
            throw answer.refused(settings, path);
        }
        return answer;
    }

    private KvAnswer call(String method, String path, Optional<ByteArrayEntity> body) {
        Duration pause = patience.firstPause();
        for (int attempt = 1; ; attempt++) {
            String trouble;
            Optional<Duration> asked = Optional.empty();
            IOException lost = null;
            try {
                KvAnswer answer = once(method, path, body);
                if (answer.isAccepted() || answer.isMissing()) {
                    return answer;
                }
                if (answer.isRefused()) {
                    throw answer.refused(settings, path);
                }
                trouble = "it answers " + answer.told(settings);
                asked = answer.retryAfter();
                lost = asked.map(AskedToWait::new).orElse(null);
            } catch (IOException e) {
                trouble = String.valueOf(e.getMessage()).lines().findFirst().orElse("") + " ("
                        + e.getClass().getSimpleName() + ")";
                lost = e;
            }
            boolean tooLong = asked.filter(wait -> wait.compareTo(patience.longestPause()) > 0)
                    .isPresent();
            if (attempt == patience.attempts() || tooLong) {
                throw OperatorException.down(
                        "Workers KV at " + settings.api() + " takes no " + method + " of " + path + ": " + trouble
                                + "; "
                                + asked.map(wait -> "it asks to wait " + wait.toSeconds() + " s")
                                        .orElse("tried " + attempt + " times")
                                + ". Check the network and its status page; the next run pushes what is missing",
                        lost);
            }
            sleep(asked.orElse(pause));
            pause = pause.multipliedBy(2);
        }
    }

    private KvAnswer once(String method, String path, Optional<ByteArrayEntity> body) throws IOException {
        HttpUriRequestBase request = new HttpUriRequestBase(
                method,
                URI.create(settings.api() + "/client/v4/accounts/" + settings.account() + "/storage/kv/namespaces/"
                        + settings.namespace() + "/" + path));
        request.setHeader("Authorization", "Bearer " + settings.token());
        body.ifPresent(request::setEntity);
        // The socket's time-out ends silence only, and what drips goes on for ever.
        var cut = watch.schedule(request::cancel, patience.deadline().toMillis(), TimeUnit.MILLISECONDS);
        try {
            return client.execute(request, this::answer);
        } finally {
            cut.cancel(false);
        }
    }

    private KvAnswer answer(ClassicHttpResponse response) throws IOException {
        byte[] body = response.getEntity() == null
                ? new byte[0]
                : response.getEntity().getContent().readNBytes(MAX_ANSWER_BYTES);
        return new KvAnswer(response.getCode(), body, RetryAfter.of(response, clock.instant()));
    }

    private static void sleep(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    @Override
    public void close() {
        watch.shutdownNow();
        try {
            client.close();
        } catch (IOException e) {
            // Its connections are gone either way.
            return;
        }
    }
}
