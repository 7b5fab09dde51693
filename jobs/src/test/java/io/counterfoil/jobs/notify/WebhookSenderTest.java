package io.counterfoil.jobs.notify;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.standardwebhooks.Webhook;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.notice.Delivery;
import io.counterfoil.sql.notice.Notice;
import io.counterfoil.sql.notice.Target;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import javax.net.ssl.SSLContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import static org.assertj.core.api.Assertions.assertThat;

/** Receivers that are slow, redirecting, private, gone, or lie about their name. */
final class WebhookSenderTest {
    private static final Duration DEADLINE = Duration.ofMillis(700);
    private static final AddressRanges LOOPBACK = AddressRanges.parse("test", List.of("127.0.0.0/8"));
    private static final Target.Secret SECRET = new Target.Secret(UUID.randomUUID(), 1, Optional.empty());
    static final Notice NOTICE = new Notice(
            new Notice.Whose("Acme", Optional.of("crm-7"), Optional.of("acme-1")),
            "pro",
            UsageLimit.parse("50GiB/period", "refuse"),
            80,
            45_000_000_000L,
            new Notice.Times(
                    Instant.parse("2026-11-01T00:00:00Z"),
                    Instant.parse("2026-12-01T00:00:00Z"),
                    Instant.parse("2026-11-20T10:00:00Z"),
                    Instant.parse("2026-11-20T10:00:07Z")));

    @TempDir
    Path folder;

    private final WebhookKey key = WebhookKey.parse(WebhookKey.generate(), "the test");
    private final InstantSource clock = InstantSource.system();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private <T extends AutoCloseable> T opened(T resource) {
        open.add(resource);
        return resource;
    }

    private Outcome send(String url, AddressGuard guard, SSLContext tls) {
        Target.Webhook to = new Target.Webhook(1, url, SECRET, Optional.empty());
        return opened(new WebhookSender(key, guard, tls, DEADLINE, clock))
                .send(new Delivery(1, "msg_1", 1, Instant.EPOCH, to, NOTICE), to);
    }

    private Outcome send(String url) throws Exception {
        return send(url, new AddressGuard(LOOPBACK, InetAddress::getAllByName), SSLContext.getDefault());
    }

    /** Fails where it took much longer than the deadline. */
    private void isCutOff(Receiver receiver) throws Exception {
        long start = System.nanoTime();
        Outcome outcome = send(opened(receiver).url());
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);

        assertThat(outcome.error())
                .hasValueSatisfying(error -> assertThat(error).startsWith("no whole answer within"));
        assertThat(millis).isBetween(DEADLINE.toMillis() - 50, DEADLINE.toMillis() + 4000);
    }

    @Test
    void whatIsSentIsTakenByTheLibrarysReceiver() throws Exception {
        Receiver receiver = opened(Receiver.answering("204 No Content"));

        assertThat(send(receiver.url())).isEqualTo(Outcome.delivered(204));
        Receiver.Request request = receiver.requests().get(0);
        assertThat(request.line()).isEqualTo("POST /hook?token=hush HTTP/1.1");
        HttpHeaders headers = HttpHeaders.of(
                request.fields().entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, field -> List.of(field.getValue()))),
                (name, value) -> true);
        new Webhook(key.text(SECRET)).verify(request.body(), headers);
        assertThat(request.fields())
                .containsEntry("webhook-id", "msg_1")
                .containsEntry("content-type", "application/json")
                .containsEntry("host", "127.0.0.1:" + receiver.port())
                .containsEntry("user-agent", "counterfoil")
                .doesNotContainKeys("accept-encoding", "cookie");
        assertThat(new ObjectMapper().readTree(request.body())).isEqualTo(new ObjectMapper().readTree("""
                        {"type":"limit.threshold_crossed","timestamp":"2026-11-20T10:00:07Z","data":{"account":"Acme",
                        "account_external_id":"crm-7","key":"acme-1","plan":"pro","limit":"50GiB/period","window":"period",
                        "measure":"bytes_out","quota":53687091200,"used":45000000000,"threshold":80,"as_of":"2026-11-20T10:00:00Z",
                        "window_start":"2026-11-01T00:00:00Z","resets_at":"2026-12-01T00:00:00Z","action":"refuse"}}
                        """));
    }

    @Test
    void oneThatDoesNotAnswerIsCutOff() throws Exception {
        isCutOff(Receiver.answering((request, out) -> TimeUnit.SECONDS.sleep(30)));
    }

    @Test
    void oneThatDripsItsHeadIsCutOff() throws Exception {
        isCutOff(Receiver.answering((request, out) -> {
            out.write("HTTP/1.1 200 OK\r\nX-Slow: ".getBytes(StandardCharsets.US_ASCII));
            while (true) {
                out.write('x');
                out.flush();
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }));
    }

    @Test
    void oneWhoseTlsNeverBeginsIsCutOff() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            long start = System.nanoTime();
            Outcome outcome = send("https://127.0.0.1:" + silent.getLocalPort() + "/");

            assertThat(outcome.error()).isPresent();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(DEADLINE.plusSeconds(4));
        }
    }

    @Test
    void aBodyWithoutEndDoesNotMatter() throws Exception {
        Receiver receiver = opened(Receiver.answering((request, out) -> {
            out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            while (true) {
                out.write("1\r\nx\r\n".getBytes(StandardCharsets.US_ASCII));
                out.flush();
                TimeUnit.MILLISECONDS.sleep(5);
            }
        }));
        long start = System.nanoTime();

        assertThat(send(receiver.url())).isEqualTo(Outcome.delivered(200));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(DEADLINE);
    }

    @Test
    void aHeadWithoutEndIsNotKept() throws Exception {
        Receiver receiver = opened(Receiver.answering((request, out) -> {
            out.write("HTTP/1.1 200 OK\r\nX-Long: ".getBytes(StandardCharsets.US_ASCII));
            while (true) {
                out.write(new byte[1000]);
            }
        }));

        assertThat(send(receiver.url()).error())
                .as("its length ended it, not the deadline")
                .hasValueSatisfying(error -> assertThat(error).doesNotContain("no whole answer within"));
    }

    @Test
    void aRedirectIsNotFollowed() throws Exception {
        for (String location : List.of("http://169.254.169.254/latest/meta-data/", "https://example.com/")) {
            Receiver receiver = opened(Receiver.answering("302 Found", "Location: " + location));
            Outcome outcome = send(receiver.url());

            assertThat(outcome.status()).contains(302);
            assertThat(outcome.error()).contains("receiver answered 302: redirects are not followed");
            assertThat(receiver.requests()).hasSize(1);
        }
    }

    @Test
    void goneIsGoneAndOtherRefusalsAreNot() throws Exception {
        assertThat(send(opened(Receiver.answering("410 Gone")).url()))
                .extracting(Outcome::gone, Outcome::status)
                .containsExactly(true, Optional.of(410));
        assertThat(send(opened(Receiver.answering("404 Not Found")).url()).gone())
                .isFalse();
        assertThat(send(opened(Receiver.answering("503 Busy")).url()))
                .extracting(Outcome::gone, Outcome::retryAfter)
                .containsExactly(false, Optional.empty());
    }

    @Test
    void retryAfterIsHeardInBothForms() throws Exception {
        String inAYear = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                clock.instant().plus(Duration.ofDays(365)).atOffset(ZoneOffset.UTC));
        assertThat(send(opened(Receiver.answering("429 Too Many", "Retry-After: 120"))
                                .url())
                        .retryAfter())
                .contains(Duration.ofMinutes(2));
        assertThat(send(opened(Receiver.answering("503 Busy", "Retry-After: " + inAYear))
                                .url())
                        .retryAfter()
                        .orElseThrow())
                .isGreaterThan(Duration.ofDays(300));
        assertThat(send(opened(Receiver.answering("503 Busy", "Retry-After: soon"))
                                .url())
                        .retryAfter())
                .isEmpty();
        assertThat(send(opened(Receiver.answering("500 Oops", "Retry-After: 120"))
                                .url())
                        .retryAfter())
                .isEmpty();
    }

    @Test
    void aPrivateReceiverIsNeverConnectedTo() throws Exception {
        Receiver receiver = opened(Receiver.answering("200 OK"));
        AddressGuard strict = new AddressGuard(AddressRanges.NONE, InetAddress::getAllByName);

        for (String host : List.of("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]")) {
            Outcome outcome = send("https://" + host + ":" + receiver.port() + "/", strict, SSLContext.getDefault());
            assertThat(outcome.error())
                    .as(host)
                    .hasValueSatisfying(error -> assertThat(error).contains("is not globally reachable"));
        }
        assertThat(receiver.requests()).isEmpty();
    }

    @Test
    void theAddressThatWasCheckedIsTheOneConnectedTo() throws Exception {
        Receiver receiver = opened(Receiver.answering("200 OK"));
        AddressGuard guard = new AddressGuard(LOOPBACK, host ->
                new InetAddress[] {InetAddress.getByName("127.0.0.2"), InetAddress.getLoopbackAddress()});

        assertThat(send("http://no-such-name.invalid:" + receiver.port() + "/", guard, SSLContext.getDefault()))
                .as("the second, since nobody listens at the first")
                .isEqualTo(Outcome.delivered(200));
        assertThat(receiver.requests().get(0).fields())
                .containsEntry("host", "no-such-name.invalid:" + receiver.port());
    }

    @Test
    void aCertificateMustBeTheNames() throws Exception {
        TestCertificate certificate = TestCertificate.create(folder, "right.test");
        Receiver receiver =
                opened(Receiver.tls(certificate.serving(), (request, out) -> out.write(Receiver.head("200 OK"))));
        AddressGuard guard = new AddressGuard(LOOPBACK, host -> new InetAddress[] {InetAddress.getLoopbackAddress()});
        SSLContext trusting = certificate.trusting();

        assertThat(send("https://right.test:" + receiver.port() + "/", guard, trusting))
                .isEqualTo(Outcome.delivered(200));
        assertThat(send("https://wrong.test:" + receiver.port() + "/", guard, trusting)
                        .error())
                .hasValueSatisfying(error -> assertThat(error).contains("wrong.test"));
        assertThat(send("https://right.test:" + receiver.port() + "/", guard, SSLContext.getDefault())
                        .error())
                .isPresent();
        assertThat(receiver.requests()).hasSize(1);
    }

    @Test
    void aReceiverThatIsNotThereIsToldWithoutItsUrl() throws IOException, Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0)) {
            port = closed.getLocalPort();
        }
        assertThat(send("http://127.0.0.1:" + port + "/hook?token=hush").error())
                .hasValueSatisfying(
                        error -> assertThat(error).contains("refused").doesNotContain("hush"));
    }
}
