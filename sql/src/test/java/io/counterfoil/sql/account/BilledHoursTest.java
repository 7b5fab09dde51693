package io.counterfoil.sql.account;

import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.SubscriptionStore.Change;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Hours that a final invoice has billed: no subscription reaches into them. */
final class BilledHoursTest extends SubscribedAccount {
    @Test
    void hoursOfAFinalInvoiceAreNotTouched() {
        key("acme", Optional.of(small), HOUR.minus(ONE));
        invoice(HOUR);
        assertThatThrownBy(() -> store.subscribe(ofAccount(Optional.of(small), HOUR.minus(ONE), NOW)))
                .isInstanceOf(OperatorException.class)
                .hasMessage(
                        "since is 2026-11-01T11:00:00Z (test), expected 2026-11-01T12:00:00Z or later: hours of account"
                                + " 'Acme' before that are on final invoice 1, which never changes; what it bills too much is taken back"
                                + " by: counterfoil invoice credit 1 --reason WHY");
        assertThatThrownBy(() -> store.subscribe(
                        List.of(
                                ofAccount(Optional.of(small), HOUR, NOW),
                                change(life.subject("acme"), Optional.of(large), HOUR.minus(ONE), NOW)),
                        NOW))
                .hasMessageContaining("on final invoice 1");
        assertThat(rows()).as("all or none").containsExactly("key 11:00 small counterfoil");
        assertThat(store.subscribe(ofAccount(Optional.of(small), HOUR, NOW))).isTrue();
    }

    @Test
    void whatStandsAlreadyMayStandInHoursOfAFinalInvoice() {
        key("acme", Optional.of(small), HOUR.minus(ONE));
        Change ofAccount = ofAccount(Optional.of(large), HOUR.minus(ONE), NOW);
        Change ofKey = change(life.subject("acme"), Optional.of(small), HOUR.minus(ONE), NOW);
        Change none = ofAccount(Optional.empty(), HOUR.minus(ONE.multipliedBy(2)), NOW);
        store.subscribe(List.of(ofAccount, none), NOW);
        invoice(HOUR);
        List<String> before = rows();

        assertThat(store.subscribe(List.of(ofAccount, ofKey, none), NOW)).isZero();
        assertThat(rows()).isEqualTo(before);
        assertThat(store.subscribe(
                        List.of(ofAccount, ofKey, ofAccount(Optional.of(small), HOUR.plus(ONE), NOW), none), NOW))
                .isEqualTo(1);
        for (Change other : List.of(
                ofAccount(Optional.of(small), HOUR.minus(ONE), NOW),
                ofAccount(Optional.empty(), HOUR.minus(ONE), NOW),
                ofAccount(Optional.of(small), HOUR.minus(ONE.multipliedBy(2)), NOW),
                change(life.subject("acme"), Optional.of(large), HOUR.minus(ONE), NOW))) {
            assertThatThrownBy(() -> store.subscribe(List.of(ofAccount, other), NOW))
                    .as("another plan there")
                    .hasMessageContaining("on final invoice 1");
        }
    }

    @Test
    void whatGaveWayStandsNoMore() {
        Change first = ofAccount(Optional.of(small), HOUR.minus(ONE), NOW);
        store.subscribe(first);
        store.subscribe(ofAccount(Optional.of(large), HOUR.minus(ONE), NOW));
        invoice(HOUR);

        assertThatThrownBy(() -> store.subscribe(List.of(first), NOW)).hasMessageContaining("on final invoice 1");
    }

    /** As where this machine's clock is behind that of whoever finalised. */
    @Test
    void aNewKeysOwnPlanBeginsWhereTheLastInvoiceEnds() {
        long other = new AccountStore(jdbi).create("Other", Optional.empty(), HOUR);
        invoice(HOUR.plus(ONE));
        key("acme", Optional.of(small), NOW);
        new KeyStore(jdbi)
                .create(
                        List.of(new KeyStore.NewKey(
                                other,
                                Optional.of(large),
                                "other",
                                Optional.of(KeyStore.hash("secret of other")),
                                "test")),
                        NOW);

        assertThat(rows()).containsExactly("key 12:00 large counterfoil", "key 13:00 small counterfoil");
        assertThat(plans()).as("its limits hold at once").containsExactly("acme small", "other large");
        store.takeEffect(NOW);
        assertThat(plans()).containsExactly("acme small", "other large");
    }

    /** Who finalises holds control_version: the key waits, and then sees the invoice. */
    @Test
    void aNewKeyThatWaitsForAnInvoiceSeesIt() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (Handle finaliser = jdbi.open()) {
            finaliser.begin();
            ControlVersion.hold(finaliser);
            Future<?> created = other.submit(() -> key("acme", Optional.of(small), NOW));
            while (!waitsForALock()) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
            insertInvoice(finaliser, HOUR.plus(ONE));
            finaliser.commit();
            created.get(30, TimeUnit.SECONDS);

            assertThat(rows()).containsExactly("key 13:00 small counterfoil");
        } finally {
            other.shutdown();
        }
    }

    @Test
    void aChangeThatWaitsForAnInvoiceSeesIt() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (Handle finaliser = jdbi.open()) {
            finaliser.begin();
            ControlVersion.hold(finaliser);
            Future<Boolean> change =
                    other.submit(() -> store.subscribe(ofAccount(Optional.of(small), HOUR.minus(ONE), NOW)));
            while (!waitsForALock()) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
            insertInvoice(finaliser, HOUR);
            finaliser.commit();

            assertThatThrownBy(() -> change.get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageContaining("on final invoice 1");
        } finally {
            other.shutdown();
        }
    }
}
