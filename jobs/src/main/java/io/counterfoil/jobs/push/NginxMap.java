package io.counterfoil.jobs.push;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.push.OverLimit;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The body of an nginx {@code map}: what is done with a key, by its label or the SHA-256 of its text, and its sternest flag:
 *
 * <pre>
 * "refuse label" "label\t26-Nov-2026 07:|Thu, 26 Nov 2026 08:00:03 GMT|hour|q=1000;w=3600|1000/hour|2026-11-26T08:00:00Z|1795680000";
 * </pre>
 *
 * What {@code $date_gmt} has in it for as long as the window runs; when to come back, spread over ten seconds by the label; the limit's
 * name and policy by draft-ietf-httpapi-ratelimit-headers-10; the limit in words; when it resets, twice. Figures that change while a key
 * is refused are left out: each change is a reload. nginx ignores case where it looks texts up: labels that differ in nothing else are
 * one line, of several values between {@code \n}, and the label in each tells whose it is. {@code jobs/nginx} reads it.
 */
final class NginxMap implements FlagFormat {
    static final String HEAD = "# counterfoil-flags-nginx/1 version ";

    /** nginx takes no text of 4,096 bytes or more. */
    private static final int MAX_VALUE = 3_500;

    private static final int RETRY_JITTER_SECONDS = 10;
    private static final DateTimeFormatter HTTP_DATE = utc("EEE, dd MMM yyyy HH:mm:ss 'GMT'");
    /** As nginx writes {@code $date_gmt}: {@code Thursday, 26-Nov-2026 07:31:46 GMT}. */
    private static final Map<String, DateTimeFormatter> WINDOWS =
            Map.of("hour", utc("dd-MMM-yyyy HH:"), "day", utc("dd-MMM-yyyy "), "period", utc("-MMM-yyyy "));

    private static final Map<String, String> SECONDS = Map.of("hour", ";w=3600", "day", ";w=86400");
    private static final Map<String, String> UNITS =
            Map.of("bytes_out", ";qu=\"content-bytes\"", "units", ";qu=\"counterfoil-units\"");
    /** As the edge's: refusing before warning, and of equally stern ones the last to reset. */
    private static final Comparator<OverLimit> STERN = Comparator.comparing(OverLimit::refuses)
            .thenComparing(OverLimit::resetsAt)
            .thenComparing(OverLimit::limitId, Comparator.reverseOrder());
    /** RFC 9651, 3.3.1. */
    private static final long MAX_INTEGER = 999_999_999_999_999L;

    private final String name;
    private final boolean byHash;

    NginxMap(String name, boolean byHash) {
        this.name = name;
        this.byHash = byHash;
    }

    private static DateTimeFormatter utc(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.US).withZone(ZoneOffset.UTC);
    }

    @Override
    public List<FlagText> of(List<OverLimit> limits) {
        Map<String, OverLimit> sternest = new TreeMap<>();
        for (OverLimit limit : limits) {
            Optional<String> key = byHash ? limit.sha256() : Optional.of(limit.label());
            key.ifPresent(known ->
                    sternest.merge(known, limit, (one, other) -> STERN.compare(one, other) >= 0 ? one : other));
        }
        Map<String, String> values = new TreeMap<>();
        int omitted = 0;
        for (Map.Entry<String, OverLimit> each : sternest.entrySet()) {
            String key = quoted((each.getValue().action() + " " + each.getKey()).toLowerCase(Locale.ROOT));
            String value = value(each.getKey(), each.getValue());
            String before = values.get(key);
            if (before == null) {
                values.put(key, value);
            } else if (before.length() + value.length() < MAX_VALUE) {
                values.put(key, before + "\\n" + value);
            } else {
                omitted++;
            }
        }
        StringBuilder lines = new StringBuilder("\n");
        values.forEach((key, value) ->
                lines.append('"').append(key).append("\" \"").append(value).append("\";\n"));
        byte[] tail = lines.toString().getBytes(StandardCharsets.US_ASCII);
        return List.of(new FlagText(name, sternest.size() - omitted, fault(omitted), HEAD, tail, Digests.sha256(tail)));
    }

    private Optional<String> fault(int omitted) {
        return omitted == 0
                ? Optional.empty()
                : Optional.of("map " + name + " has no room for " + omitted + " keys, whose labels differ from several"
                        + " others' in case alone: they are not refused or warned; name these apart, or use --by hash");
    }

    /** Within double quotes, nginx's files have no other signs of their own. */
    private static String quoted(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }

    private static String value(String key, OverLimit limit) {
        // A value's dollar signs are variables', and there is no other way to write one.
        return quoted(key).replace("$", "${counterfoil_dollar}") + "\\t" + quoted(value(limit));
    }

    private static String value(OverLimit limit) {
        // Any instant of the window tells which one it is; its last second is always known.
        Instant within = limit.resetsAt().minusSeconds(1);
        Instant back = limit.resetsAt().plusSeconds(Math.floorMod(limit.label().hashCode(), RETRY_JITTER_SECONDS + 1));
        return String.join(
                "|",
                WINDOWS.get(limit.window()).format(within),
                HTTP_DATE.format(back),
                limit.name(),
                "q=" + Math.min(limit.quota(), MAX_INTEGER) + UNITS.getOrDefault(limit.measure(), "")
                        + SECONDS.getOrDefault(limit.window(), ""),
                UsageLimit.text(limit.quota(), limit.measure(), limit.window())
                        + (limit.scope().equals("account") ? " of the account" : ""),
                limit.resetsAt().toString(),
                Long.toString(limit.resetsAt().getEpochSecond()));
    }
}
