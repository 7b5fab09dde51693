package io.counterfoil.sql.limits;

import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.limits.LimitMerge.Used;
import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Which notices merges leave in the outbox. */
final class NoticeTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:30:00Z");
    private static final Instant HOUR = Instant.parse("2026-11-01T12:00:00Z");
    private static final Instant NEXT_HOUR = Instant.parse("2026-11-01T13:00:00Z");

    private final LimitedAccounts accounts = new LimitedAccounts(NOW);
    private final long account = accounts.account("Acme");
    private final long key =
            accounts.key(account, accounts.plan("small", UsageLimit.parse("1000/hour", "notify")), "one");

    private void merge(Instant hour, long requests, Instant now) {
        LimitMerge.whole(accounts.jdbi(), List.of(new Used(hour, key, "success", requests, requests, 0)), now);
    }

    private List<String> notices() {
        return accounts.texts(
                "select to_char(window_start at time zone 'UTC', 'HH24') || 'h ' || threshold || '% ' || used"
                        + " from notice order by window_start, threshold");
    }

    @Test
    void eachThresholdIsToldOnceAWindowAndAgainInTheNext() {
        merge(HOUR, 799, NOW);
        assertThat(notices()).isEmpty();
        merge(HOUR, 1, NOW);
        assertThat(notices()).containsExactly("12h 80% 800");
        merge(HOUR, 100, NOW);
        merge(HOUR, 300, NOW);
        merge(HOUR, 5000, NOW);
        assertThat(notices()).as("no repeat within a window").containsExactly("12h 80% 800", "12h 100% 1200");
        merge(NEXT_HOUR, 900, NEXT_HOUR.plusSeconds(60));
        assertThat(notices()).as("armed again").containsExactly("12h 80% 800", "12h 100% 1200", "13h 80% 900");
    }

    @Test
    void aWindowThatHasPassedGivesNone() {
        merge(HOUR, 5000, NEXT_HOUR);
        merge(HOUR, 5000, NEXT_HOUR.plusSeconds(86_400));

        assertThat(notices()).isEmpty();
    }

    @Test
    void otherThresholdsHoldFromTheNextCountOn() {
        merge(HOUR, 500, NOW);
        new AccountStore(accounts.jdbi()).notifyAt(account, List.of(120, 50, 50));
        assertThat(notices()).isEmpty();
        merge(HOUR, 1, NOW);
        merge(HOUR, 700, NOW);

        assertThat(notices()).containsExactly("12h 50% 501", "12h 120% 1201");
        assertThatThrownBy(() -> new AccountStore(accounts.jdbi()).notifyAt(account, List.of(80, 1001)))
                .hasMessageContaining("thresholds are [80, 1001], expected 1 to 10 percents from 1 to 1000");
    }
}
