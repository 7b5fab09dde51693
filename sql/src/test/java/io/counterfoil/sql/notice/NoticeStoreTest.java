package io.counterfoil.sql.notice;

import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.notice.NoticeStore.Failure;
import io.counterfoil.sql.notice.NoticeStore.Means;
import io.counterfoil.sql.notice.NoticeStore.Portion;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class NoticeStoreTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:30:00Z");
    private static final Instant LEASE = NOW.plusSeconds(300);
    private static final Means ALL = new Means(true, Optional.of("key-1"));
    private static final Decision DECISION = new Decision("ops", "because", NOW);

    private static final Jdbi DATABASE = TestDatabase.fresh().jdbi();

    private final Jdbi jdbi = emptied();
    private final NoticeStore store = new NoticeStore(jdbi);
    private final WebhookStore webhooks = new WebhookStore(jdbi);
    private final AccountStore accounts = new AccountStore(jdbi);
    private final long account = accounts.create("Acme", Optional.of("crm-7"), NOW);
    private final long limit;
    private final long key;

    NoticeStoreTest() {
        long plan = new PlanStore(jdbi).create("small", List.of(UsageLimit.parse("1000/hour", "refuse")), NOW);
        KeyStore keys = new KeyStore(jdbi);
        keys.create(
                List.of(new KeyStore.NewKey(
                        account, Optional.of(plan), "one", Optional.of(KeyStore.hash("one")), "test")),
                NOW);
        key = one("select key_id from api_key");
        limit = one("select limit_id from plan_limit");
    }

    private static Jdbi emptied() {
        DATABASE.useHandle(handle -> handle.execute("truncate account, plan, notice restart identity cascade"));
        return DATABASE;
    }

    private long one(String sql) {
        return jdbi.withHandle(
                handle -> handle.createQuery(sql).mapTo(Long.class).one());
    }

    private void raise(int threshold, Instant at) {
        jdbi.useHandle(handle -> handle.createUpdate(
                        "insert into notice (account_id, limit_id, subject_id, window_start, threshold, quota, used, as_of, resets_at,"
                                + " raised_at) values (:account, :limit, :key, '2026-11-01T12:00:00Z', :threshold, 1000, 950, :at,"
                                + " '2026-11-01T13:00:00Z', :at)")
                .bind("account", account)
                .bind("limit", limit)
                .bind("key", key)
                .bind("threshold", threshold)
                .bind("at", NoticeStore.utc(at))
                .execute());
    }

    private long endpoint() {
        return webhooks.create(account, "https://example.com/hook", "key-1", DECISION)
                .number();
    }

    private List<Delivery> claim(int most, int perTarget, Instant now) {
        return store.claim(ALL, new Portion(most, perTarget, List.of()), now, now.plusSeconds(300));
    }

    @Test
    void aNoticeBecomesOneDeliveryATargetHoweverOftenItIsFannedOut() {
        long endpoint = endpoint();
        accounts.mailTo(account, Optional.of("ops@example.com"), NOW);
        raise(80, NOW);

        assertThat(store.fanOut(NOW)).isEqualTo(2);
        assertThat(store.fanOut(NOW)).isZero();
        jdbi.useHandle(handle -> handle.execute("update notice set fanned_at = null"));
        assertThat(store.fanOut(NOW)).as("by constraint").isZero();
        assertThat(claim(10, 10, NOW))
                .extracting(Delivery::target)
                .anySatisfy(target -> assertThat(target).isEqualTo(new Target.Mailbox("ops@example.com")))
                .anySatisfy(target ->
                        assertThat(((Target.Webhook) target).endpoint()).isEqualTo(endpoint))
                .hasSize(2);
    }

    @Test
    void whatNobodyCouldSendIsGivenUpOnceItIsNoNewsAndSentAllTheSameWhereSomebodySaysSo() {
        endpoint();
        raise(80, NOW);
        store.fanOut(NOW);
        Instant late = Instant.parse("2026-11-05T13:00:01Z");
        assertThat(store.giveUpStale(late.minusSeconds(2))).isZero();

        assertThat(store.giveUpStale(late)).isEqualTo(1);

        assertThat(claim(10, 10, late)).isEmpty();
        store.retry(Optional.empty(), late);
        assertThat(store.giveUpStale(late)).isZero();
        assertThat(claim(10, 10, late)).hasSize(1);
    }

    @Test
    void aTargetThatIsAddedLaterGetsNoOldNotices() {
        raise(80, NOW.minusSeconds(1));
        endpoint();
        accounts.mailTo(account, Optional.of("ops@example.com"), NOW);
        assertThat(store.fanOut(NOW)).isZero();

        raise(100, NOW);
        store.fanOut(NOW);
        webhooks.create(account, "https://example.com/later", "key-1", DECISION);
        assertThat(store.fanOut(NOW)).isZero();
        assertThat(claim(10, 10, NOW))
                .hasSize(2)
                .allSatisfy(
                        delivery -> assertThat(delivery.notice().threshold()).isEqualTo(100));
    }

    @Test
    void aDeliveryHasAllThatItsNoticeSays() {
        endpoint();
        raise(80, NOW);
        store.fanOut(NOW);

        assertThat(claim(10, 10, NOW))
                .singleElement()
                .extracting(Delivery::notice)
                .isEqualTo(new Notice(
                        new Notice.Whose("Acme", Optional.of("crm-7"), Optional.of("one")),
                        "small",
                        UsageLimit.parse("1000/hour", "refuse"),
                        80,
                        950,
                        new Notice.Times(
                                Instant.parse("2026-11-01T12:00:00Z"),
                                Instant.parse("2026-11-01T13:00:00Z"),
                                NOW,
                                NOW)));
    }

    @Test
    void ofManyWhoClaimAtOnceEachTakesOthers() throws Exception {
        endpoint();
        for (int threshold = 1; threshold <= 60; threshold++) {
            raise(threshold, NOW);
        }
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<Long>> fans = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            fans.add(threads.submit(() -> store.fanOut(NOW)));
        }
        long made = 0;
        for (Future<Long> fan : fans) {
            made += fan.get(60, TimeUnit.SECONDS);
        }
        List<Future<List<Long>>> claims = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            claims.add(threads.submit(() -> {
                List<Long> mine = new ArrayList<>();
                List<Delivery> part;
                do {
                    part = claim(5, 5, NOW);
                    part.forEach(delivery -> mine.add(delivery.id()));
                } while (!part.isEmpty());
                return mine;
            }));
        }
        List<Long> all = new ArrayList<>();
        for (Future<List<Long>> claim : claims) {
            all.addAll(claim.get(60, TimeUnit.SECONDS));
        }
        threads.shutdown();

        assertThat(made).isEqualTo(60);
        assertThat(all).hasSize(60).doesNotHaveDuplicates();
        assertThat(one("select count(*) from notice_delivery")).isEqualTo(60);
    }

    @Test
    void aClaimIsHeldUntilItRunsOutAndCountsAsAnAttempt() {
        endpoint();
        raise(80, NOW);
        store.fanOut(NOW);
        Delivery dead = claim(1, 1, NOW).get(0);

        assertThat(claim(1, 1, LEASE.minusMillis(1))).isEmpty();
        Delivery again = claim(1, 1, LEASE).get(0);
        assertThat(again.messageId()).isEqualTo(dead.messageId());
        assertThat(again.attempt()).isEqualTo(2);

        store.failed(dead, new Failure(Optional.empty(), "late"), Optional.empty(), LEASE);
        assertThat(one("select count(*) from notice_delivery where dead_at is not null"))
                .as("not his any more")
                .isZero();
        store.failed(again, new Failure(Optional.of(500), "no"), Optional.of(LEASE.plusSeconds(7)), LEASE);
        assertThat(claim(1, 1, LEASE.plusSeconds(6))).isEmpty();
        store.delivered(dead, Optional.of(200), LEASE);
        assertThat(claim(1, 1, LEASE.plusSeconds(8)))
                .as("it arrived, whoever sent it")
                .isEmpty();
    }

    @Test
    void ofOneTargetOnlyAFewAreTakenAndOfABusyOneNone() {
        long slow = endpoint();
        long quick = endpoint();
        for (int threshold = 1; threshold <= 10; threshold++) {
            raise(threshold, NOW);
        }
        store.fanOut(NOW);

        assertThat(claim(16, 2, NOW)).hasSize(4);
        assertThat(store.claim(ALL, new Portion(16, 2, List.of(slow)), NOW, LEASE))
                .hasSize(2)
                .allSatisfy(delivery -> assertThat(((Target.Webhook) delivery.target()).endpoint())
                        .isEqualTo(quick));
    }

    @Test
    void whatCannotBeSentFromHereWaits() {
        endpoint();
        accounts.mailTo(account, Optional.of("ops@example.com"), NOW);
        raise(80, NOW);
        store.fanOut(NOW);
        Means none = new Means(false, Optional.empty());
        Means otherKey = new Means(false, Optional.of("key-2"));

        assertThat(store.claim(none, new Portion(9, 9, List.of()), NOW, LEASE)).isEmpty();
        assertThat(store.waiting(none, NOW)).isEqualTo(new NoticeStore.Waiting(1, 1));
        assertThat(store.claim(otherKey, new Portion(9, 9, List.of()), NOW, LEASE))
                .isEmpty();
        assertThat(store.waiting(otherKey, NOW)).isEqualTo(new NoticeStore.Waiting(1, 1));
        assertThat(store.waiting(ALL, NOW)).isEqualTo(new NoticeStore.Waiting(0, 0));
    }

    @Test
    void aDisabledEndpointsDeliveriesAreDeadAndStaySoUntilItIsEnabled() {
        long endpoint = endpoint();
        raise(80, NOW);
        store.fanOut(NOW);
        long delivery = one("select delivery_id from notice_delivery");

        assertThat(webhooks.disable(endpoint, DECISION)).isTrue();
        assertThat(webhooks.disable(endpoint, DECISION)).isFalse();
        raise(90, NOW);
        assertThat(store.fanOut(NOW)).isZero();
        assertThat(store.retry(Optional.empty(), NOW)).isEqualTo(new NoticeStore.Retried(0, 1));
        assertThatThrownBy(() -> store.retry(Optional.of(delivery), NOW))
                .hasMessageContaining("of a disabled endpoint");

        assertThat(webhooks.enable(endpoint, DECISION)).isTrue();
        assertThat(claim(9, 9, NOW)).as("enabling sends nothing old").isEmpty();
        assertThat(store.retry(Optional.of(delivery), NOW)).isEqualTo(new NoticeStore.Retried(1, 0));
        assertThat(claim(9, 9, NOW)).extracting(Delivery::attempt).containsExactly(1);
        assertThatThrownBy(() -> store.retry(Optional.of(delivery), NOW))
                .hasMessageContaining("expected the number of a dead one");
    }

    @Test
    void aRotatedSecretsFormerOneEndsWhereTheKeyIsAnother() {
        long endpoint = endpoint();
        Instant until = NOW.plus(Duration.ofHours(24));

        assertThat(webhooks.rotate(endpoint, "key-1", until, DECISION).secret())
                .extracting(Target.Secret::generation, Target.Secret::formerUntil)
                .containsExactly(2, Optional.of(until));
        assertThat(webhooks.rotate(endpoint, "key-2", until, DECISION).secret())
                .extracting(Target.Secret::generation, Target.Secret::formerUntil)
                .containsExactly(3, Optional.empty());
        assertThatThrownBy(() -> webhooks.rotate(99, "key-1", until, DECISION))
                .hasMessageContaining("webhook is 99, expected the number of one");
    }

    @Test
    void onlyABareMailAddressIsTaken() {
        for (String wrong : List.of(
                "ops", "a@b@c", "a b@c.de", "a@c.de\nBcc: x@y.z", "a@c.de, d@e.fg", "\"a\"@c.de", "Ops <a@c.de>", "")) {
            assertThatThrownBy(() -> accounts.mailTo(account, Optional.of(wrong), NOW))
                    .as(wrong)
                    .hasMessageContaining("expected one as ops@example.com");
        }
    }
}
