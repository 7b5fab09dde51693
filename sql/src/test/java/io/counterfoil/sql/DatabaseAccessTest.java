package io.counterfoil.sql;

import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class DatabaseAccessTest {
    @ParameterizedTest
    @CsvSource({
        "postgresql://u:hid/den@h/db, postgresql:…",
        "jdbc:postgresql://u:hidden@h/db, jdbc:postgresql:…",
        "jdbc:postgresql://u:hid/den@h/db, jdbc:postgresql:…",
        "jdbc:postgresql:u:hidden@h, jdbc:postgresql:…",
        "jdbc:postgresql://h/db?password=%zzhidden, jdbc:postgresql:…",
        "jdbc:mysql://u:hidden@h/db, jdbc:mysql:…",
        "u:hidden@h/db, …",
        "'', …"
    })
    void ofAUrlThatIsNoneOnlyTheSchemeIsShownAndTheDriverSaysNothing(String url, String shown) {
        List<String> logged = new ArrayList<>();
        Handler handler = handler(logged);
        Logger root = Logger.getLogger("");
        root.addHandler(handler);
        try {
            assertThatThrownBy(() -> DatabaseAccess.dataSource(url))
                    .isInstanceOfSatisfying(
                            OperatorException.class,
                            e -> assertThat(e.exitCode()).isEqualTo(2))
                    .message()
                    .contains("database URL is '" + shown + "', expected jdbc:postgresql://")
                    .doesNotContain("hid");
        } finally {
            root.removeHandler(handler);
        }

        assertThat(logged).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://localhost/db",
                "jdbc:postgresql://db-1.example:5432/my_db?user=u&password=p%2F@:/?x",
                "jdbc:postgresql://[::1]:5432/db",
                "jdbc:postgresql://a:1,b:2/db?targetServerType=primary",
                "jdbc:postgresql:db",
                "jdbc:postgresql:///db"
            })
    void theFormsThatTheDriverKnowsAreTaken(String url) {
        assertThatCode(() -> DatabaseAccess.dataSource(url)).doesNotThrowAnyException();
        assertThat(DatabaseAccess.dataSource(url)).isInstanceOf(PGSimpleDataSource.class);
    }

    @Test
    void theUrlsOptionsAreKeptAndGoFirst() {
        String url = TestDatabase.withoutTables().jdbcUrl()
                + "&options=-c%20search_path=pg_catalog%20-c%20tcp_keepalives_idle=7";

        String settings = DatabaseAccess.jdbi(DatabaseAccess.dataSource(url))
                .withHandle(handle -> handle.createQuery("select current_setting('search_path') || ' '"
                                + " || current_setting('tcp_keepalives_idle') || ' '"
                                + " || current_setting('idle_in_transaction_session_timeout')")
                        .mapTo(String.class)
                        .one());

        assertThat(settings).isEqualTo("pg_catalog 7 30s");
    }

    @Test
    void whatIsSaidOfADatabaseThatIsDownHoldsForAnEdgeToo() {
        assertThat(DatabaseAccess.unreachable(new SQLException("Connection refused.\nmore")))
                .hasMessage("database cannot be reached: Connection refused; check COUNTERFOIL_DATABASE_URL, or"
                        + " --database where a command was given it, and that the server runs");
    }

    private static Handler handler(List<String> logged) {
        return new Handler() {
            @Override
            public void publish(LogRecord entry) {
                logged.add(new SimpleFormatter().formatMessage(entry));
            }

            @Override
            public void flush() {
                // Nothing is held back.
            }

            @Override
            public void close() {
                // Nothing is open.
            }
        };
    }
}
