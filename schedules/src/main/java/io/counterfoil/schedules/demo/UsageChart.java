package io.counterfoil.schedules.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What an imported log looks like: its top keys, and the busiest key's busiest day by hour. */
final class UsageChart {
    private static final int TOP = 5;
    private static final int ROWS = 5;
    private static final int HOURS = 24;
    private static final String EIGHTHS = " ▁▂▃▄▅▆▇█";
    private static final int DAY_CHARACTERS = "2016-02-20".length();

    private final List<Map<String, String>> usage;

    /** @param usage rows of report usage-hourly */
    UsageChart(List<Map<String, String>> usage) {
        this.usage = usage;
    }

    /** Keys by requests, the most first. */
    List<String> topKeys() {
        Map<String, long[]> sums = new java.util.HashMap<>();
        for (Map<String, String> row : usage) {
            long[] sum = sums.computeIfAbsent(row.get("key"), key -> new long[3]);
            sum[0] += Long.parseLong(row.get("requests"));
            sum[1] += Long.parseLong(row.get("bytes_out"));
            sum[2] += Long.parseLong(row.get("client_errors")) + Long.parseLong(row.get("server_errors"));
        }
        List<String> lines = new ArrayList<>();
        lines.add(String.format("%-40s %12s %12s %10s", "key", "requests", "MiB out", "errors"));
        sums.entrySet().stream()
                .sorted((one, other) -> {
                    int byRequests = Long.compare(other.getValue()[0], one.getValue()[0]);
                    return byRequests != 0 ? byRequests : one.getKey().compareTo(other.getKey());
                })
                .limit(TOP)
                .forEach(entry -> lines.add(String.format(
                        "%-40s %,12d %,12.1f %,10d",
                        entry.getKey(), entry.getValue()[0], entry.getValue()[1] / 1048576.0, entry.getValue()[2])));
        return lines;
    }

    /** The busiest key's busiest UTC day as bars, one column an hour. */
    List<String> busiestDay() {
        String key = busiest("key", usage);
        List<Map<String, String>> own =
                usage.stream().filter(row -> row.get("key").equals(key)).toList();
        String day = busiest("day", own);
        long[] hours = new long[HOURS];
        for (Map<String, String> row : own) {
            if (row.get("hour").startsWith(day)) {
                int hour = Integer.parseInt(row.get("hour").substring(DAY_CHARACTERS + 1, DAY_CHARACTERS + 3));
                hours[hour] += Long.parseLong(row.get("requests"));
            }
        }
        long peak = 1;
        for (long hour : hours) {
            peak = Math.max(peak, hour);
        }
        List<String> lines = new ArrayList<>();
        lines.add(key + " on " + day + ", requests by UTC hour:");
        for (int row = ROWS; row >= 1; row--) {
            StringBuilder line = new StringBuilder(String.format("%,9d ┤", peak * row / ROWS));
            for (long hour : hours) {
                long eighths = hour * ROWS * 8 / peak - (row - 1) * 8L;
                // An hour with any request shows at least the lowest mark.
                long shown = row == 1 && hour > 0 ? Math.max(1, eighths) : eighths;
                String bar = String.valueOf(EIGHTHS.charAt((int) Math.max(0, Math.min(8, shown))));
                line.append(bar).append(bar).append(' ');
            }
            lines.add(line.toString().stripTrailing());
        }
        lines.add("        0 └" + "───".repeat(HOURS));
        lines.add("           00          04          08          12          16          20");
        return lines;
    }

    private static String busiest(String what, List<Map<String, String>> rows) {
        Map<String, Long> sums = new java.util.TreeMap<>();
        for (Map<String, String> row : rows) {
            String name = what.equals("day") ? row.get("hour").substring(0, DAY_CHARACTERS) : row.get(what);
            sums.merge(name, Long.parseLong(row.get("requests")), Long::sum);
        }
        return sums.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse("-");
    }
}
