package io.counterfoil.sql.limits;

import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Jdbi;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A database with accounts, plans and keys, and what it says of limits. */
final class LimitedAccounts {
    private final TestDatabase database = TestDatabase.fresh();
    private final Jdbi jdbi = database.jdbi();
    private final Instant created;

    LimitedAccounts(Instant created) {
        this.created = created;
    }

    Jdbi jdbi() {
        return jdbi;
    }

    /** As {@link TestDatabase#limitFaults}. */
    List<String> limitFaults(Instant now) {
        return database.limitFaults(now);
    }

    long account(String name) {
        return new AccountStore(jdbi).create(name, Optional.empty(), created);
    }

    long plan(String name, UsageLimit... limits) {
        return new PlanStore(jdbi).create(name, Arrays.asList(limits), created);
    }

    long key(long account, long plan, String label) {
        KeyStore keys = new KeyStore(jdbi);
        keys.create(
                List.of(new KeyStore.NewKey(
                        account, Optional.of(plan), label, Optional.of(KeyStore.hash(label)), "test")),
                created);
        return keys.byHash(List.of(KeyStore.hash(label))).values().iterator().next();
    }

    /** "subject window-start used quota over" of every flag that holds, in order. */
    List<String> flags() {
        return texts(
                "select subject_id || ' ' || to_char(window_start at time zone 'UTC', 'DD\"T\"HH24') || ' ' || used || ' ' || quota"
                        + " || case when over then ' over' else '' end from flag where not lifted order by 1");
    }

    List<String> texts(String sql) {
        return new ArrayList<>(jdbi.withHandle(
                handle -> handle.createQuery(sql).mapTo(String.class).list()));
    }
}
