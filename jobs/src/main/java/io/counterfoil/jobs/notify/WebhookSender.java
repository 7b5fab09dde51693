package io.counterfoil.jobs.notify;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.notice.Delivery;
import io.counterfoil.sql.notice.Target;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.io.CloseMode;

import javax.net.ssl.SSLContext;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Sends a notice as a webhook (Standard Webhooks 1.0.0), once. Only a status of 2xx is success; its body is not read. What follows the
 * name's lookup, a receiver that drips bytes included, takes no longer than the deadline; the lookup takes what the system lets it take. Thread-safe.
 */
final class WebhookSender implements AutoCloseable {
    private static final int MAX_BODY = 20_000;
    private static final int GONE = 410;
    private static final ContentType JSON = ContentType.create("application/json");

    private final WebhookKey key;
    private final AddressGuard guard;
    private final CloseableHttpClient client;
    private final Duration deadline;
    private final InstantSource clock;
    private final ScheduledThreadPoolExecutor watch = new ScheduledThreadPoolExecutor(1, work -> {
        Thread thread = new Thread(work, "webhook deadline");
        thread.setDaemon(true);
        return thread;
    });

    WebhookSender(WebhookKey key, AddressGuard guard, SSLContext tls, Duration deadline, InstantSource clock) {
        this.key = key;
        this.guard = guard;
        this.client = WebhookClient.open(tls, deadline);
        this.deadline = deadline;
        this.clock = clock;
        watch.setRemoveOnCancelPolicy(true);
    }

    Outcome send(Delivery delivery, Target.Webhook to) {
        if (to.disabled().isPresent()) {
            return new Outcome(
                    Optional.empty(),
                    Optional.of("endpoint is disabled: " + to.disabled().get()),
                    Optional.empty(),
                    true);
        }
        byte[] body = NoticePayload.json(delivery.notice());
        if (body.length > MAX_BODY) {
            return Outcome.failed("payload has " + body.length + " bytes, at most " + MAX_BODY + " are sent");
        }
        long end = System.nanoTime() + deadline.toNanos();
        try {
            URI url = WebhookUrl.parse(to.url());
            List<InetAddress> addresses = guard.addresses(url);
            return send(delivery, to, url, body, addresses.iterator(), end);
        } catch (OperatorException | AddressGuard.RefusedException e) {
            return Outcome.failed(e.getMessage());
        } catch (UnknownHostException e) {
            return Outcome.failed("host name cannot be resolved: " + e.getMessage());
        } catch (IOException e) {
            return Outcome.failed(
                    System.nanoTime() - end >= 0
                            ? "no whole answer within " + deadline.toSeconds() + " s"
                            : e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }

    /** To the first address that takes a connection; none of them is told anything before. */
    private Outcome send(
            Delivery delivery, Target.Webhook to, URI url, byte[] body, Iterator<InetAddress> addresses, long end)
            throws IOException {
        while (true) {
            HttpPost post = request(delivery, to, url, body);
            try {
                return answer(post, host(url, addresses.next()), end);
            } catch (SocketException e) {
                if (!unconnected(e) || !addresses.hasNext() || System.nanoTime() - end >= 0) {
                    throw e;
                }
            }
        }
    }

    /** That a network is unreachable, as IPv6 often is, is an exception without a name of its own. */
    private static boolean unconnected(SocketException e) {
        return e instanceof ConnectException
                || e instanceof NoRouteToHostException
                || String.valueOf(e.getMessage()).contains("unreachable");
    }

    private HttpPost request(Delivery delivery, Target.Webhook to, URI url, byte[] body) {
        long timestamp = clock.instant().getEpochSecond();
        HttpPost post = new HttpPost(url);
        post.setEntity(new ByteArrayEntity(body, JSON));
        post.setHeader("Connection", "close");
        post.setHeader("webhook-id", delivery.messageId());
        post.setHeader("webhook-timestamp", Long.toString(timestamp));
        post.setHeader(
                "webhook-signature",
                WebhookSignature.of(key.signing(to.secret(), clock.instant()), delivery.messageId(), timestamp, body));
        return post;
    }

    /** The name is for TLS and {@code Host}; what is connected to is the address. */
    private static HttpHost host(URI url, InetAddress address) {
        String scheme = url.getScheme().toLowerCase(Locale.ROOT);
        int port = url.getPort() > 0 ? url.getPort() : scheme.equals("https") ? 443 : 80;
        return new HttpHost(scheme, address, AddressGuard.host(url), port);
    }

    private Outcome answer(HttpPost post, HttpHost host, long end) throws IOException {
        var cut = watch.schedule(post::cancel, end - System.nanoTime(), TimeUnit.NANOSECONDS);
        try {
            ClassicHttpResponse response = client.executeOpen(host, post, null);
            Outcome outcome = outcome(response);
            drop(post, response);
            return outcome;
        } finally {
            cut.cancel(false);
        }
    }

    /** Cuts the connection first: closing alone would read what the receiver still sends, however much that is. */
    private static void drop(HttpPost post, ClassicHttpResponse response) {
        post.cancel();
        try {
            response.close();
        } catch (IOException e) {
            // It is cut, and what was answered stands.
            return;
        }
    }

    private Outcome outcome(ClassicHttpResponse response) {
        int status = response.getCode();
        if (status >= 200 && status < 300) {
            return Outcome.delivered(status);
        }
        String redirected = status >= 300 && status < 400 ? ": redirects are not followed" : "";
        boolean asked = status == 429 || status == 503;
        return new Outcome(
                Optional.of(status),
                Optional.of("receiver answered " + status + redirected),
                asked ? RetryAfter.of(response, clock.instant()) : Optional.empty(),
                status == GONE);
    }

    @Override
    public void close() {
        watch.shutdownNow();
        client.close(CloseMode.IMMEDIATE);
    }
}
