package io.counterfoil.jobs.rollup;

import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.account.SubscriptionStore;
import io.counterfoil.sql.account.SubscriptionStore.Change;
import io.counterfoil.sql.account.SubscriptionStore.Subject;
import io.counterfoil.sql.limits.UsageLimit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import static org.assertj.core.api.Assertions.assertThat;

/** A rollup puts what is due in effect, also where it has nothing to count. */
final class SubscriptionsInRollupTest {
    @TempDir
    Path folder;

    private RolledHours hours;

    @BeforeEach
    void aKeyWithAChangeAhead() {
        hours = new RolledHours(folder);
        long account = new AccountStore(hours.jdbi()).create("Acme", Optional.empty(), RolledHours.at("10:00"));
        PlanStore plans = new PlanStore(hours.jdbi());
        plans.create("small", List.of(UsageLimit.parse("10/hour", "refuse")), RolledHours.at("10:00"));
        plans.create("large", List.of(UsageLimit.parse("1000/hour", "refuse")), RolledHours.at("10:00"));
        new KeyStore(hours.jdbi())
                .create(
                        List.of(new KeyStore.NewKey(
                                account, Optional.empty(), "acme", Optional.of(KeyStore.hash("acme")), "test")),
                        RolledHours.at("10:00"));
        SubscriptionStore store = new SubscriptionStore(hours.jdbi());
        Subject subject = new Subject(account, Optional.empty());
        store.subscribe(new Change(
                subject,
                RolledHours.at("10:00"),
                Optional.of(plans.require("small")),
                RolledHours.decision("10:00"),
                "test"));
        store.subscribe(new Change(
                subject,
                RolledHours.at("12:00"),
                Optional.of(plans.require("large")),
                RolledHours.decision("10:00"),
                "test"));
    }

    @AfterEach
    void end() {
        hours.close();
    }

    @Test
    void limitsFollowWithTheFirstPassAfterTheHour() {
        hours.rollup("11:59:59");
        assertThat(plan()).containsExactly("small");
        hours.rollup("12:00");
        assertThat(plan()).containsExactly("large");
        List<String> version = hours.list("select v::text from control_version");
        hours.rollup("12:01");
        assertThat(hours.list("select v::text from control_version"))
                .as("nothing is due")
                .isEqualTo(version);
    }

    private List<String> plan() {
        return hours.list("select p.name from api_key k join plan p using (plan_id)");
    }
}
