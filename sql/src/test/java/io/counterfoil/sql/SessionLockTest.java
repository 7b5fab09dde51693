package io.counterfoil.sql;

import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.Test;

import javax.sql.DataSource;
import java.time.Duration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class SessionLockTest {
    @Test
    void whoHoldsALockForTooLongIsNamed() {
        DataSource source = DatabaseAccess.dataSource(TestDatabase.fresh().jdbcUrl());
        try (SessionLock lock = SessionLock.take(source, "import/shop", Duration.ofSeconds(1));
                SessionLock other = SessionLock.take(source, "import/other", Duration.ofSeconds(1))) {
            other.requireHeld();
            assertThatThrownBy(() -> SessionLock.take(source, "import/shop", Duration.ofSeconds(1)))
                    .isInstanceOfSatisfying(
                            OperatorException.class,
                            e -> assertThat(e.exitCode()).isEqualTo(4))
                    .hasMessageMatching("lock 'import/shop' is held by database session \\d+ from .* since 20.* UTC,"
                            + " expected to be free within 1 s.*");
            lock.requireHeld();
        }
        SessionLock.take(source, "import/shop", Duration.ofSeconds(1)).close();
    }

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
