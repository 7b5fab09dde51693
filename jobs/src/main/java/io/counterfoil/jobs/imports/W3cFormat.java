package io.counterfoil.jobs.imports;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * W3C extended logs: {@code #Fields:} names the columns of the lines below it, and may come again with others in mid-file. Date and
 * time are two columns, in UTC.
 */
final class W3cFormat implements LineFormat {
    /** What the two columns together are called here; no column has a blank in its name. */
    static final String TIME = "date time";

    private static final String FIELDS = "#Fields:";
    private static final Pattern BLANKS = Pattern.compile("[ \t]+");
    private static final Pattern MILLIS = Pattern.compile("\\d{1,12}");

    /** What the servers make of the format. */
    enum Dialect {
        /** Tabs; values percent-encoded once more than they were sent; {@code time-taken} in seconds; rows that end early. */
        CLOUDFRONT('\t'),
        /** Blanks; {@code time-taken} in milliseconds. */
        IIS(' ');

        private final char separator;

        Dialect(char separator) {
            this.separator = separator;
        }
    }

    private final Dialect dialect;
    private final KeyField keyField;
    private final FieldMap map;
    private List<String> columns = List.of();

    W3cFormat(Dialect dialect, KeyField keyField, FieldMap map) {
        this.dialect = dialect;
        this.keyField = keyField;
        this.map = map;
    }

    @Override
    public boolean headersInMidFile() {
        return true;
    }

    @Override
    public boolean skip(String line) {
        if (line.startsWith(FIELDS)) {
            columns = List.of(BLANKS.split(line.substring(FIELDS.length()).strip()));
        }
        return line.isEmpty() || line.startsWith("#");
    }

    @Override
    public Optional<ForeignRequest> parse(String line) throws MalformedLineException {
        if (columns.isEmpty()) {
            throw new MalformedLineException("no " + FIELDS + " line above it says what its columns are");
        }
        List<String> values = split(line);
        boolean fewer = dialect == Dialect.CLOUDFRONT && values.size() < columns.size();
        if (values.size() != columns.size() && !fewer) {
            throw new MalformedLineException(
                    values.size() + " columns, the " + FIELDS + " line above names " + columns.size());
        }
        Map<String, String> fields = new HashMap<>();
        for (int i = 0; i < values.size(); i++) {
            fields.put(columns.get(i), value(columns.get(i), values.get(i)));
        }
        if (fields.containsKey("date") && fields.containsKey("time")) {
            fields.put(TIME, fields.get("date") + "T" + fields.get("time") + "Z");
        }
        ForeignRequest request = map.request(fields, keyField);
        for (String name : map.keyNames(keyField)) {
            if (columns.indexOf(name) >= values.size()) {
                throw new MalformedLineException("the line ends before the column that the key comes from, " + name);
            }
        }
        return Optional.of(request);
    }

    private List<String> split(String line) {
        List<String> values = new ArrayList<>(columns.size());
        int start = 0;
        for (int end = line.indexOf(dialect.separator); end >= 0; end = line.indexOf(dialect.separator, start)) {
            values.add(line.substring(start, end));
            start = end + 1;
        }
        values.add(line.substring(start));
        return values;
    }

    private String value(String column, String value) {
        if (dialect == Dialect.CLOUDFRONT) {
            return PercentEncoding.decode(value);
        }
        boolean millis = column.equals("time-taken") && MILLIS.matcher(value).matches();
        return millis ? new BigDecimal(value).movePointLeft(3).toPlainString() : value;
    }
}
