package io.counterfoil.sql.report;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a report's file says. Its first lines are comments, of which the first sentence is the purpose; {@code \set NAME DEFAULT} lines are
 * its parameters in order; what is cast at its use ({@code :'from'::timestamptz}) is of that type.
 *
 * @param statement as JDBI takes it: {@code :from} for psql's {@code :'from'}, without its last semicolon
 */
record ReportFile(String purpose, List<Report.Parameter> parameters, String statement) {
    private static final Pattern DEFAULT = Pattern.compile("\\\\set ([a-z_]+) (\\S+)");
    private static final Pattern VARIABLE = Pattern.compile(":'([a-z_]+)'");
    private static final Pattern SENTENCE = Pattern.compile("(.*?\\.)(\\s.*|$)");

    static ReportFile parse(String text) {
        StringBuilder head = new StringBuilder();
        StringBuilder statement = new StringBuilder();
        List<Matcher> defaults = new ArrayList<>();
        for (String line : text.lines().toList()) {
            Matcher matcher = DEFAULT.matcher(line);
            if (matcher.matches()) {
                defaults.add(matcher);
            } else if (line.startsWith("--")) {
                head.append(line.substring(2).strip()).append(' ');
            } else if (!line.startsWith("\\")) {
                statement.append(line).append('\n');
            }
        }
        String sql = statement.toString().strip().replaceAll(";$", "");
        List<Report.Parameter> parameters = defaults.stream()
                .map(set -> new Report.Parameter(set.group(1), set.group(2), type(sql, set.group(1))))
                .toList();
        return new ReportFile(
                firstSentence(head.toString()),
                parameters,
                VARIABLE.matcher(sql).replaceAll(":$1"));
    }

    private static String firstSentence(String head) {
        Matcher sentence = SENTENCE.matcher(head.strip());
        return sentence.matches() ? sentence.group(1) : head.strip();
    }

    private static Report.Type type(String sql, String parameter) {
        if (sql.contains(":'" + parameter + "'::timestamptz")) {
            return Report.Type.TIME;
        }
        return sql.contains(":'" + parameter + "'::bigint") ? Report.Type.NUMBER : Report.Type.TEXT;
    }
}
