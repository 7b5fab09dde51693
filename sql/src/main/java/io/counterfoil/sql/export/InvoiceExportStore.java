package io.counterfoil.sql.export;

import io.counterfoil.sql.SqlFile;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

import java.io.IOException;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Final invoices on their way out. They never change: whenever they are read, they are the same. */
public final class InvoiceExportStore {
    private static final int FETCH_ROWS = 5000;

    private final Jdbi jdbi;

    public InvoiceExportStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** A column; {@code number}: its values are decimals. */
    public record Column(String name, boolean number) {}

    /** Takes the columns, then rows of one value a column. */
    public interface Rows {
        void columns(List<Column> columns) throws IOException;

        void row(List<Optional<String>> values) throws IOException;
    }

    /** Streams invoices and credits of the periods that begin in a month, by number. */
    public void invoices(YearMonth period, Rows rows) throws IOException {
        stream("export/invoices.sql", period, rows);
    }

    /** Streams their lines, by number and line. */
    public void lines(YearMonth period, Rows rows) throws IOException {
        stream("export/invoice-lines.sql", period, rows);
    }

    private void stream(String file, YearMonth period, Rows rows) throws IOException {
        // In a transaction, or pgjdbc would load all rows at once.
        jdbi.inTransaction(handle -> {
            handle.execute("set transaction read only");
            handle.execute("set local idle_in_transaction_session_timeout = 0");
            handle.createQuery(SqlFile.read(file))
                    .bind("period", period.toString())
                    .setFetchSize(FETCH_ROWS)
                    .scanResultSet((results, context) -> {
                        try (ResultSet result = results.get()) {
                            give(result, rows);
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                        return null;
                    });
            return null;
        });
    }

    private static void give(ResultSet result, Rows rows) throws SQLException, IOException {
        ResultSetMetaData meta = result.getMetaData();
        List<Column> columns = new ArrayList<>();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            int type = meta.getColumnType(i);
            columns.add(new Column(
                    meta.getColumnLabel(i), type == Types.BIGINT || type == Types.INTEGER || type == Types.NUMERIC));
        }
        rows.columns(columns);
        while (result.next()) {
            List<Optional<String>> values = new ArrayList<>(columns.size());
            for (int i = 1; i <= columns.size(); i++) {
                values.add(Optional.ofNullable(result.getString(i)));
            }
            rows.row(values);
        }
    }

    /** Empty where there is none of that number. */
    public Optional<ShownInvoice> find(long number) {
        return jdbi.withHandle(handle -> handle.createQuery(SqlFile.read("export/invoice.sql"))
                .bind("number", number)
                .map((row, context) -> new ShownInvoice(
                        row.getLong("number"),
                        row.getString("kind"),
                        at(row, "period_from").orElseThrow(),
                        at(row, "period_to").orElseThrow(),
                        row.getString("currency"),
                        row.getBigDecimal("net"),
                        row.getBigDecimal("tax"),
                        row.getBigDecimal("total"),
                        at(row, "finalised_at").orElseThrow(),
                        row.getInt("incomplete_hours"),
                        Optional.ofNullable(row.getObject("credits", Long.class)),
                        Optional.ofNullable(row.getString("reason")),
                        row.getString("seller"),
                        row.getString("buyer"),
                        lines(handle, number)))
                .findOne());
    }

    private static List<ShownInvoice.Line> lines(Handle handle, long number) {
        return handle.createQuery(SqlFile.read("export/invoice-lines-of.sql"))
                .bind("number", number)
                .map((row, context) -> new ShownInvoice.Line(
                        row.getInt("line"),
                        row.getString("kind"),
                        row.getString("name"),
                        Optional.ofNullable(row.getString("plan")),
                        Optional.ofNullable(row.getObject("plan_version", Integer.class)),
                        at(row, "since"),
                        at(row, "until"),
                        Optional.ofNullable(row.getString("measure")),
                        Optional.ofNullable(row.getBigDecimal("quantity")),
                        Optional.ofNullable(row.getObject("adjusts", Long.class)),
                        row.getString("detail"),
                        row.getBigDecimal("amount")))
                .list();
    }

    private static Optional<Instant> at(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }
}
