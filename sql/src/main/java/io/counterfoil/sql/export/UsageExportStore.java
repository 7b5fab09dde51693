package io.counterfoil.sql.export;

import io.counterfoil.sql.SqlFile;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.postgresql.PGConnection;
import org.postgresql.copy.PGCopyInputStream;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;

/** Usage on its way out; all of an export is read of one state of the database. */
public final class UsageExportStore {
    private static final String COPY = "copy (%s) to stdout (format csv, header %s)";

    private final Jdbi jdbi;

    public UsageExportStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** What is done with one state of the database. */
    @FunctionalInterface
    public interface Work<T> {
        T on(State state) throws IOException;
    }

    /** Reads; whatever is merged meanwhile is not seen. */
    public <T> T read(Work<T> work) throws IOException {
        return jdbi.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, handle -> {
            handle.execute("set transaction read only");
            // Between two statements there may be a slow disk.
            handle.execute("set local idle_in_transaction_session_timeout = 0");
            return work.on(new State(handle));
        });
    }

    /** One state of the database. */
    public static final class State {
        private final Handle handle;

        private State(Handle handle) {
            this.handle = handle;
        }

        /** Another text as soon as any key or account is called something else. */
        public String names() {
            return handle.createQuery(SqlFile.read("export/usage-names.sql"))
                    .mapTo(String.class)
                    .one();
        }

        /** What the usage of these hours adds up to. */
        public UsageSums sums(Instant from, Instant to) {
            return handle.createQuery(SqlFile.read("export/usage-sums.sql"))
                    .bind("from", from.toString())
                    .bind("to", to.toString())
                    .map((row, context) -> new UsageSums(
                            row.getLong("rows"),
                            whole(row, "requests"),
                            whole(row, "units"),
                            whole(row, "bytes_in"),
                            whole(row, "bytes_out"),
                            whole(row, "duration_us")))
                    .one();
        }

        private static BigInteger whole(ResultSet row, String column) throws SQLException {
            BigDecimal value = row.getBigDecimal(column);
            return value.toBigIntegerExact();
        }

        /**
         * The rows of {@code export/usage.sql}, streamed in its order.
         *
         * @param formula a regular expression that Java and PostgreSQL understand alike: an apostrophe is put before what it finds
         *     in a text; empty: texts stay as they are
         * @param header whether the first row is that of the columns' names
         */
        public UsageCopy copy(Instant from, Instant to, String formula, boolean header) {
            set("export_from", from.toString());
            set("export_to", to.toString());
            set("export_formula", formula);
            // In the order of the primary key there is nothing to sort: rows come at once, and the server keeps none of
            // them.
            handle.execute("set local enable_sort = off");
            try {
                return new UsageCopy(new PGCopyInputStream(
                        handle.getConnection().unwrap(PGConnection.class),
                        COPY.formatted(SqlFile.read("export/usage.sql"), header)));
            } catch (SQLException e) {
                throw new ConnectionException(e);
            }
        }

        private void set(String name, String value) {
            handle.createQuery("select set_config('counterfoil.' || :name, :value, true)")
                    .bind("name", name)
                    .bind("value", value)
                    .mapTo(String.class)
                    .one();
        }
    }
}
