package io.counterfoil.sql;

import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class SessionLockTest {
    @Test
    void aLockWhoseSessionHasEndedIsHeldNoMore() {
        TestDatabase database = TestDatabase.fresh();
        try (SessionLock lock = SessionLock.take(DatabaseAccess.dataSource(database.jdbcUrl()), "import/shop")) {
            lock.requireHeld();
            int ended = database.jdbi()
                    .withHandle(handle -> handle.createQuery(
                                    "select count(pg_terminate_backend(pid))"
                                            + " from pg_locks where locktype = 'advisory'"
                                            + " and database = (select oid from pg_database where datname = current_database())")
                            .mapTo(Integer.class)
                            .one());

            assertThat(ended).isEqualTo(1);
            assertThatThrownBy(lock::requireHeld)
                    .isInstanceOfSatisfying(
                            OperatorException.class,
                            e -> assertThat(e.exitCode()).isEqualTo(4));
        }
    }
}
