package io.counterfoil.sql.report;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.SqlFile;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code .sql} file that {@code psql -f} runs too. psql's variables ({@code :'from'}) are bound here; the backslash lines give
 * their defaults ({@code \set from -infinity}).
 */
public final class Report {
    private static final Pattern VARIABLE = Pattern.compile(":'([a-z_]+)'");
    private static final Pattern DEFAULT = Pattern.compile("\\\\set ([a-z_]+) (\\S+)");
    private static final int FETCH_ROWS = 5000;

    private final String name;
    private final String sql;
    private final Map<String, String> defaults = new HashMap<>();

    private Report(String name, String file) {
        this.name = name;
        StringBuilder statement = new StringBuilder();
        for (String line : file.lines().toList()) {
            Matcher matcher = DEFAULT.matcher(line);
            if (matcher.matches()) {
                defaults.put(matcher.group(1), matcher.group(2));
            } else if (!line.startsWith("\\") && !line.startsWith("--")) {
                statement.append(line).append('\n');
            }
        }
        sql = VARIABLE.matcher(statement.toString().strip().replaceAll(";$", ""))
                .replaceAll(":$1");
    }

    /** The report in {@code report/<name>.sql}. */
    public static Report named(String name) {
        return new Report(name, SqlFile.read("report/" + name + ".sql"));
    }

    /** A column; {@code number}: its values are whole numbers in decimal. */
    public record Column(String name, boolean number) {}

    /** Takes columns, then rows of one text per column, then the end. */
    public interface Rows {
        void columns(List<Column> columns);

        void row(List<String> values);

        default void end() {}
    }

    /**
     * Runs it and streams the rows, in the file's order.
     *
     * @param parameters by name; those left out take the file's defaults
     * @throws OperatorException category INPUT where the report has no such parameter or its value is not of its type
     */
    public void run(Jdbi jdbi, Map<String, String> parameters, Rows rows) {
        for (String parameter : parameters.keySet()) {
            if (!defaults.containsKey(parameter)) {
                throw OperatorException.input("report " + name + " has no parameter '" + parameter
                        + "', expected one of " + defaults.keySet());
            }
        }
        Map<String, String> bound = new HashMap<>(defaults);
        bound.putAll(parameters);
        // In a transaction, or pgjdbc would load all rows at once.
        jdbi.useTransaction(handle -> {
            handle.execute("set transaction read only");
            // Whoever reads the rows, a pager for one, may take its time.
            handle.execute("set local idle_in_transaction_session_timeout = 0");
            Query query = handle.createQuery(sql).setFetchSize(FETCH_ROWS);
            bound.forEach(query::bind);
            query.scanResultSet((results, context) -> {
                try (ResultSet result = results.get()) {
                    ResultSetMetaData meta = result.getMetaData();
                    List<Column> columns = new ArrayList<>();
                    for (int i = 1; i <= meta.getColumnCount(); i++) {
                        columns.add(new Column(meta.getColumnLabel(i), meta.getColumnType(i) == Types.BIGINT));
                    }
                    rows.columns(columns);
                    while (result.next()) {
                        List<String> values = new ArrayList<>(columns.size());
                        for (int i = 1; i <= columns.size(); i++) {
                            values.add(String.valueOf(result.getString(i)));
                        }
                        rows.row(values);
                    }
                }
                rows.end();
                return null;
            });
        });
    }

    /** All rows at once, for reports that are known to be small. */
    public List<Map<String, String>> list(Jdbi jdbi, Map<String, String> parameters) {
        List<Map<String, String>> all = new ArrayList<>();
        List<Column> named = new ArrayList<>();
        run(jdbi, parameters, new Rows() {
            @Override
            public void columns(List<Column> columns) {
                named.addAll(columns);
            }

            @Override
            public void row(List<String> values) {
                Map<String, String> row = new HashMap<>();
                for (int i = 0; i < values.size(); i++) {
                    row.put(named.get(i).name(), values.get(i));
                }
                all.add(row);
            }
        });
        return all;
    }
}
