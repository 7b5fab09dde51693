package io.counterfoil.sql.report;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.SqlFile;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.Query;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A {@code .sql} file that {@code psql -f} runs too. psql's variables ({@code :'from'}) are bound here; the backslash lines give
 * their defaults ({@code \set from -infinity}). It reads only.
 *
 * <p>Those for people lie in {@code report/}, each in a line of {@code report/index.txt}; those of single commands in {@code list/}.
 */
public final class Report {
    private static final int FETCH_ROWS = 5000;
    private static final String INDEX = "report/index.txt";

    /** What stands for SQL's null. */
    public static final String NONE = "-";

    /** Values that are not of their type: its text, a time's form or field, too large; no unit of time; a negative limit. */
    private static final Set<String> NOT_OF_ITS_TYPE = Set.of("22P02", "22007", "22008", "22003", "22023", "2201W");

    private final String name;
    private final String text;
    private final ReportFile file;

    private Report(String name, String text) {
        this.name = name;
        this.text = text;
        this.file = ReportFile.parse(text);
    }

    /** What a parameter's value is; {@code NUMBER} a whole one. */
    public enum Type {
        TIME,
        NUMBER,
        TEXT
    }

    /** A parameter, and what it is where it is left out. */
    public record Parameter(String name, String byDefault, Type type) {}

    /** The names of those for people, sorted. */
    public static List<String> names() {
        return SqlFile.read(INDEX).lines().toList();
    }

    /**
     * One of {@link #names()}.
     *
     * @throws OperatorException category INPUT where it is none
     */
    public static Report named(String name) {
        if (!names().contains(name)) {
            throw unknown("report '" + name + "' is not known", name, names());
        }
        return new Report(name, SqlFile.read("report/" + name + ".sql"));
    }

    /** What a command lists, in {@code list/<name>.sql}. */
    public static Report listOf(String name) {
        return new Report("list of " + name, SqlFile.read("list/" + name + ".sql"));
    }

    public String name() {
        return name;
    }

    /** What it is for, in a sentence. */
    public String purpose() {
        return file.purpose();
    }

    /** The file's text, for {@code psql -f}. */
    public String text() {
        return text;
    }

    /** In the file's order. */
    public List<Parameter> parameters() {
        return file.parameters();
    }

    public Optional<Parameter> find(String parameter) {
        return parameters().stream().filter(one -> one.name().equals(parameter)).findFirst();
    }

    /** @throws OperatorException category INPUT where it has none of that name */
    public Parameter parameter(String parameter) {
        return find(parameter)
                .orElseThrow(() -> unknown(
                        "report " + name + " has no parameter '" + parameter + "'",
                        parameter,
                        parameters().stream().map(Parameter::name).toList()));
    }

    private static OperatorException unknown(String what, String given, List<String> names) {
        String expected = names.isEmpty()
                ? "it takes none"
                : "expected " + (names.size() == 1 ? "" : "one of ") + String.join(", ", names);
        return OperatorException.input(what + ", " + expected
                + Nearest.of(given, names)
                        .map(near -> "; did you mean " + near + "?")
                        .orElse(""));
    }

    /** A column; {@code number}: its values are numbers in decimal, whole or not, or {@link #NONE}. */
    public record Column(String name, boolean number) {}

    /** Takes columns, then rows of one text per column, then the end. SQL's null is {@link #NONE}. */
    public interface Rows {
        void columns(List<Column> columns);

        void row(List<String> values);

        default void end() {}
    }

    /**
     * Runs it and streams the rows, in the file's order.
     *
     * @param values of parameters by name; those left out take the file's defaults
     * @throws OperatorException category INPUT where the report has no such parameter or its value is not of its type
     */
    public void run(Jdbi jdbi, Map<String, String> values, Rows rows) {
        values.keySet().forEach(this::parameter);
        // In a transaction, or pgjdbc would load all rows at once.
        jdbi.useTransaction(handle -> {
            handle.execute("set transaction read only");
            // Whoever reads the rows, a pager for one, may take its time.
            handle.execute("set local idle_in_transaction_session_timeout = 0");
            Query query = handle.createQuery(file.statement()).setFetchSize(FETCH_ROWS);
            parameters().forEach(one -> query.bind(one.name(), values.getOrDefault(one.name(), one.byDefault())));
            try {
                query.scanResultSet((results, context) -> {
                    try (ResultSet result = results.get()) {
                        print(result, rows);
                    }
                    return null;
                });
            } catch (JdbiException e) {
                throw refused(e);
            }
        });
    }

    private static void print(ResultSet result, Rows rows) throws SQLException {
        ResultSetMetaData meta = result.getMetaData();
        int count = meta.getColumnCount();
        int[] types = new int[count];
        List<Column> columns = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            types[i] = meta.getColumnType(i + 1);
            columns.add(new Column(meta.getColumnLabel(i + 1), types[i] == Types.BIGINT || types[i] == Types.NUMERIC));
        }
        rows.columns(columns);
        while (result.next()) {
            List<String> values = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                values.add(types[i] == Types.NUMERIC ? decimal(result, i + 1) : text(result, i + 1));
            }
            rows.row(values);
        }
        rows.end();
    }

    private static String text(ResultSet result, int column) throws SQLException {
        String value = result.getString(column);
        return value == null ? NONE : value;
    }

    /** To its last digit, without an exponent, which the driver's text may have. */
    private static String decimal(ResultSet result, int column) throws SQLException {
        BigDecimal value = result.getBigDecimal(column);
        return value == null ? NONE : value.toPlainString();
    }

    private RuntimeException refused(JdbiException e) {
        if (e.getCause() instanceof SQLException sql && NOT_OF_ITS_TYPE.contains(String.valueOf(sql.getSQLState()))) {
            String reason = String.valueOf(sql.getMessage()).lines().findFirst().orElse("");
            return OperatorException.input("report " + name + " cannot use a parameter's value: " + reason
                    + "; see the parameters: counterfoil report");
        }
        return e;
    }

    /** All rows at once, for reports that are known to be small. */
    public List<Map<String, String>> list(Jdbi jdbi, Map<String, String> values) {
        List<Map<String, String>> all = new ArrayList<>();
        List<Column> named = new ArrayList<>();
        run(jdbi, values, new Rows() {
            @Override
            public void columns(List<Column> columns) {
                named.addAll(columns);
            }

            @Override
            public void row(List<String> row) {
                Map<String, String> cells = new HashMap<>();
                for (int i = 0; i < row.size(); i++) {
                    cells.put(named.get(i).name(), row.get(i));
                }
                all.add(cells);
            }
        });
        return all;
    }
}
