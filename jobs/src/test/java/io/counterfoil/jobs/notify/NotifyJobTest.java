package io.counterfoil.jobs.notify;

import com.standardwebhooks.Webhook;
import io.counterfoil.sql.notice.NoticeStore;
import io.counterfoil.sql.notice.WebhookStore;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Runs against real receivers and a real database. */
final class NotifyJobTest {
    private static final TestDatabase DATABASE = TestDatabase.fresh();
    private static final AddressRanges LOOPBACK = AddressRanges.parse("test", List.of("127.0.0.0/8"));

    private final NoticeBox box = new NoticeBox(DATABASE);
    private final WebhookKey key = WebhookKey.parse(WebhookKey.generate(), "the test");
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

    private NotifyJob job(Optional<WebhookKey> webhookKey, Duration deadline, String databaseUrl) {
        return opened(
                new NotifyJob(new NotifySettings(webhookKey, Optional.empty(), LOOPBACK, deadline), databaseUrl, box));
    }

    private NotifyJob job() {
        return job(Optional.of(key), Duration.ofSeconds(2), DATABASE.jdbcUrl());
    }

    private static NotifyResult result(long delivered, long failed, long dead) {
        return new NotifyResult(delivered, failed, dead, List.of());
    }

    @Test
    void aNoticeArrivesOnceAndAsItWasSigned() throws Exception {
        Receiver receiver = opened(Receiver.answering("200 OK"));
        box.endpoint(key, receiver.url());
        box.raise(80, 100);

        assertThat(job().run()).isEqualTo(result(2, 0, 0));
        assertThat(job().run()).isEqualTo(result(0, 0, 0));
        assertThat(receiver.requests())
                .extracting(Receiver.Request::body)
                .anySatisfy(body -> assertThat(body).contains("\"threshold\":80"))
                .anySatisfy(body -> assertThat(body).contains("\"threshold\":100"))
                .hasSize(2);
        assertThat(box.deliveries()).containsExactly("delivered 1 200", "delivered 1 200");
    }

    @Test
    void aRetryHasTheSameIdAndBodyAndANewTimeAndComesByTheSchedule() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        Receiver receiver = opened(Receiver.answering(
                (request, out) -> out.write(Receiver.head(asked.incrementAndGet() < 3 ? "500 Oops" : "200 OK"))));
        box.endpoint(key, receiver.url());
        box.raise(80);

        assertThat(job().run()).isEqualTo(result(0, 1, 0));
        assertThat(job().run()).as("not before its time").isEqualTo(result(0, 0, 0));
        box.pass(6);
        assertThat(job().run()).isEqualTo(result(0, 1, 0));
        box.pass(299);
        assertThat(job().run()).isEqualTo(result(0, 0, 0));
        box.pass(32);
        assertThat(job().run()).isEqualTo(result(1, 0, 0));

        assertThat(receiver.requests()).hasSize(3);
        assertThat(receiver.requests())
                .extracting(Receiver.Request::body)
                .containsOnly(receiver.requests().get(0).body());
        assertThat(receiver.requests())
                .extracting(request -> request.fields().get("webhook-id"))
                .containsOnly(receiver.requests().get(0).fields().get("webhook-id"));
        assertThat(receiver.requests())
                .extracting(request -> request.fields().get("webhook-timestamp"))
                .doesNotHaveDuplicates();
    }

    @Test
    void whatNeverArrivesIsDeadAfterTheLastRetryAndCanBeSentAgain() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        Receiver receiver = opened(Receiver.answering(
                (request, out) -> out.write(Receiver.head(asked.incrementAndGet() <= 10 ? "503 Busy" : "200 OK"))));
        box.endpoint(key, receiver.url());
        box.raise(80);
        try (NotifyJob job = job()) {
            for (int attempt = 1; attempt < 10; attempt++) {
                assertThat(job.run()).as("attempt %d", attempt).isEqualTo(result(0, 1, 0));
                box.pass(Duration.ofHours(27).toSeconds());
            }
            assertThat(job.run()).isEqualTo(result(0, 0, 1));
            assertThat(box.deliveries()).containsExactly("dead 10 503 receiver answered 503");
            box.pass(Duration.ofDays(7).toSeconds());
            assertThat(job.run()).isEqualTo(result(0, 0, 0));

            new NoticeStore(box.jdbi()).retry(Optional.empty(), box.instant());
            assertThat(job.run()).isEqualTo(result(1, 0, 0));
        }
        assertThat(box.deliveries()).containsExactly("delivered 1 200");
    }

    @Test
    void goneDisablesTheEndpointAndWhatWasOutstandingIsDead() throws Exception {
        Receiver gone = opened(Receiver.answering("410 Gone"));
        Receiver other = opened(Receiver.answering("200 OK"));
        box.endpoint(key, gone.url());
        box.endpoint(key, other.url());
        box.raise(10, 20, 30, 40, 50);

        NotifyResult result = job().run();
        assertThat(result.delivered()).isEqualTo(5);
        assertThat(gone.requests()).hasSizeBetween(1, 2);
        assertThat(box.texts("select disabled_reason from webhook_endpoint where disabled_at is not null"))
                .containsExactly("receiver answered 410");
        assertThat(box.texts(
                        "select distinct case when dead_at is not null then 'dead' else 'not' end from notice_delivery"
                                + " where endpoint_id = 1"))
                .containsExactly("dead");
        box.raise(60);
        assertThat(job().run()).isEqualTo(result(1, 0, 0));
    }

    @Test
    void aSlowReceiverHoldsUpNoOther() throws Exception {
        CountDownLatch othersDone = new CountDownLatch(40);
        AtomicInteger together = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Receiver slow = opened(Receiver.answering((request, out) -> {
            most.accumulateAndGet(together.incrementAndGet(), Math::max);
            assertThat(othersDone.await(10, TimeUnit.SECONDS)).isTrue();
            together.decrementAndGet();
            out.write(Receiver.head("200 OK"));
        }));
        Receiver quick = opened(Receiver.answering((request, out) -> {
            out.write(Receiver.head("200 OK"));
            othersDone.countDown();
        }));
        box.endpoint(key, slow.url());
        box.endpoint(key, quick.url());
        box.raise(IntStream.rangeClosed(1, 40).toArray());

        assertThat(job(Optional.of(key), Duration.ofSeconds(15), DATABASE.jdbcUrl())
                        .run())
                .isEqualTo(result(80, 0, 0));
        assertThat(most.get()).as("at one receiver at once").isLessThanOrEqualTo(2);
    }

    @Test
    void twoRunsAtOnceSendEachNoticeOnce() throws Exception {
        Receiver receiver = opened(Receiver.answering("200 OK"));
        box.endpoint(key, receiver.url());
        box.raise(IntStream.rangeClosed(1, 60).toArray());
        ExecutorService threads = Executors.newFixedThreadPool(3);
        List<Future<NotifyResult>> runs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            NotifyJob job = job();
            runs.add(threads.submit(() -> job.run()));
        }
        long delivered = 0;
        for (Future<NotifyResult> run : runs) {
            delivered += run.get(60, TimeUnit.SECONDS).delivered();
        }
        threads.shutdown();

        assertThat(delivered).isEqualTo(60);
        assertThat(receiver.requests())
                .extracting(request -> request.fields().get("webhook-id"))
                .doesNotHaveDuplicates()
                .hasSize(60);
    }

    @Test
    void whatADeadSenderHadInHandsIsSentAgainUnderTheSameId() throws Exception {
        Receiver receiver = opened(Receiver.answering("200 OK"));
        box.endpoint(key, receiver.url());
        box.raise(80);
        NoticeStore store = new NoticeStore(box.jdbi());
        store.fanOut(box.instant());
        // It died after it was sent, before that was recorded.
        String id = store.claim(
                        new NoticeStore.Means(false, Optional.of(key.id())),
                        new NoticeStore.Portion(1, 1, List.of()),
                        box.instant(),
                        box.instant().plusSeconds(300))
                .get(0)
                .messageId();

        assertThat(job().run()).isEqualTo(result(0, 0, 0));
        box.pass(300);
        assertThat(job().run()).isEqualTo(result(1, 0, 0));
        assertThat(receiver.requests().get(0).fields()).containsEntry("webhook-id", id);
    }

    @Test
    void bothSecretsSignUntilTheGraceEnds() throws Exception {
        Receiver receiver = opened(Receiver.answering("200 OK"));
        WebhookStore.Endpoint endpoint = box.endpoint(key, receiver.url());
        WebhookStore.Endpoint rotated = new WebhookStore(box.jdbi())
                .rotate(endpoint.number(), key.id(), box.instant().plusSeconds(3600), box.decision());
        box.raise(80);
        job().run();
        box.pass(3600);
        box.raise(100);
        job().run();

        Receiver.Request during = receiver.requests().get(0);
        Receiver.Request after = receiver.requests().get(1);
        assertThat(signatures(during))
                .containsExactly(
                        signed(key.text(rotated.secret()), during), signed(key.text(endpoint.secret()), during));
        assertThat(signatures(after)).containsExactly(signed(key.text(rotated.secret()), after));
    }

    private static List<String> signatures(Receiver.Request request) {
        return List.of(request.fields().get("webhook-signature").split(" ", -1));
    }

    private static String signed(String secret, Receiver.Request request) throws Exception {
        return new Webhook(secret)
                .sign(
                        request.fields().get("webhook-id"),
                        Long.parseLong(request.fields().get("webhook-timestamp")),
                        request.body());
    }

    @Test
    void withoutItsKeyAWebhookWaitsAndItIsSaidWhy() throws Exception {
        box.endpoint(key, opened(Receiver.answering("200 OK")).url());
        box.mailTo("ops@example.com");
        box.raise(80);
        WebhookKey other = WebhookKey.parse(WebhookKey.generate(), "the test");

        for (Optional<WebhookKey> wrong : List.of(Optional.<WebhookKey>empty(), Optional.of(other))) {
            NotifyResult result =
                    job(wrong, Duration.ofSeconds(1), DATABASE.jdbcUrl()).run();
            assertThat(result.idle()).isTrue();
            assertThat(result.waiting())
                    .hasSize(2)
                    .anySatisfy(reason ->
                            assertThat(reason).startsWith("1 mails wait for a mail server; set COUNTERFOIL_SMTP_URL"))
                    .anySatisfy(
                            reason -> assertThat(reason)
                                    .startsWith(
                                            "1 webhooks wait for the key that their secrets came of; set COUNTERFOIL_WEBHOOK_KEY"));
        }
        assertThat(box.deliveries()).containsOnly("pending 0");
    }

    @Test
    void theJobsRoleDeliversAndNoSecretIsInTheDatabase() throws Exception {
        box.jdbi().useHandle(handle -> {
            handle.execute("drop role if exists test_notify");
            handle.execute("create role test_notify login in role counterfoil_jobs");
        });
        WebhookStore.Endpoint gone =
                box.endpoint(key, opened(Receiver.answering("410 Gone")).url());
        box.endpoint(key, opened(Receiver.answering("200 OK")).url());
        box.raise(80);

        assertThat(job(Optional.of(key), Duration.ofSeconds(2), DATABASE.jdbcUrlOf("test_notify"))
                        .run())
                .isEqualTo(result(1, 0, 1));
        assertThat(box.texts("select e::text from webhook_endpoint e union all select d::text from notice_delivery d"))
                .hasSize(4)
                .allSatisfy(row -> assertThat(row)
                        .doesNotContain("whsec_")
                        .doesNotContain(key.text(gone.secret()).substring(6)));
    }

    @Test
    void aDatabaseThatIsNotThereIsTold() {
        NotifyJob job = job(Optional.of(key), Duration.ofSeconds(1), "jdbc:postgresql://127.0.0.1:1/x?user=u");
        assertThatThrownBy(job::run).hasMessageContaining("refused");
    }
}
