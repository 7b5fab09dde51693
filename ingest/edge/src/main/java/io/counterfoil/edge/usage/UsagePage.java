package io.counterfoil.edge.usage;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.usage.KeyUsage;
import io.counterfoil.sql.usage.KeyUsage.LimitUse;
import io.counterfoil.sql.usage.KeyUsage.Span;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The answer for people: one page that needs nothing else, with a chart where scripts run and a table everywhere. Made when first
 * asked for; immutable.
 */
public final class UsagePage {
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter SECOND = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final Template template;
    private final Map<String, String> parts;
    private final String policy;

    private UsagePage() {
        String style = resource("uPlot.min.css") + resource("usage.css");
        String library = resource("uPlot.iife.min.js");
        String chart = resource("usage.js");
        template = Mustache.compiler().escapeHTML(true).emptyStringIsFalse(true).compile(resource("usage.html"));
        parts = Map.of("style", style, "library", library, "chart", chart);
        policy = "default-src 'none'; style-src " + source(style) + "; script-src " + source(library) + " "
                + source(chart) + "; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    }

    private static final class Holder {
        static final UsagePage PAGE = new UsagePage();
    }

    public static UsagePage page() {
        return Holder.PAGE;
    }

    /** What the page may do: the value of {@code Content-Security-Policy}. It names the page's own scripts and styles, no others. */
    public String policy() {
        return policy;
    }

    /** UTF-8. */
    public byte[] bytes(UsageAnswer answer) {
        KeyUsage usage = answer.usage();
        List<Span> newest = new ArrayList<>(usage.hours());
        Collections.reverse(newest);
        Map<String, Object> values = new HashMap<>(parts);
        values.put("label", usage.label().orElse(""));
        values.put("account", usage.account().orElse(""));
        values.put("plan", usage.plan().orElse(""));
        values.put("asOf", usage.asOf().map(SECOND::format).orElse(""));
        values.put("stale", answer.source() != UsageAnswer.Source.COUNTED);
        values.put("lastKnown", answer.source() == UsageAnswer.Source.LAST_KNOWN);
        values.put(
                "limits",
                usage.limits().stream().map(limit -> row(limit, answer.now())).toList());
        values.put(
                "period",
                usage.period().map(span -> row(span, MINUTE)).map(List::of).orElse(List.of()));
        values.put("hours", newest.stream().map(span -> row(span, MINUTE)).toList());
        // As JSON in a script element: nothing in it may end the element.
        values.put("data", new String(UsageJson.bytes(answer), StandardCharsets.UTF_8).replace("<", "\\u003c"));
        return template.execute(values).getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, Object> row(LimitUse limit, Instant now) {
        Optional<Long> used =
                limit.used().isPresent() ? Optional.of(limit.used().getAsLong()) : Optional.empty();
        String measure = limit.measure();
        Map<String, Object> row = new HashMap<>();
        row.put("text", limit.text());
        row.put("whose", limit.scope().equals("account") ? "all keys of the account together" : "");
        row.put("known", used.isPresent());
        row.put("used", used.map(amount -> amount(amount, measure)).orElse("not known now"));
        row.put("quota", amount(limit.quota(), measure));
        row.put("percent", used.map(amount -> percent(amount, limit.quota())).orElse(0L));
        row.put("over", limit.isOver() && !limit.action().equals("notify"));
        row.put("state", state(limit));
        row.put("resetsAt", SECOND.format(limit.resetsAt()));
        row.put("resetsIn", span(now.until(limit.resetsAt(), java.time.temporal.ChronoUnit.SECONDS)));
        return row;
    }

    private static long percent(long used, long quota) {
        return Math.min(100, (long) (used * 100.0 / quota));
    }

    private static String state(LimitUse limit) {
        if (!limit.isOver()) {
            return "";
        }
        return switch (limit.action()) {
            case "refuse" -> "used up: requests are refused";
            case "warn" -> "used up: requests are answered with a warning";
            default -> "used up";
        };
    }

    /** In the unit that people read best. */
    private static String amount(long amount, String measure) {
        if (!measure.equals("bytes_out")) {
            return String.format(Locale.ROOT, "%,d", amount);
        }
        return bytes(amount);
    }

    private static String bytes(long amount) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
        double value = amount;
        int unit = 0;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0
                ? UsageLimit.amount(amount, "bytes_out").replaceAll("[A-Za-z]+$", "") + " B"
                : String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }

    private static String span(long seconds) {
        long left = Math.max(0, seconds);
        if (left >= 86_400) {
            return left / 86_400 + " d " + left % 86_400 / 3600 + " h";
        }
        return left >= 3600 ? left / 3600 + " h " + left % 3600 / 60 + " min" : left / 60 + " min " + left % 60 + " s";
    }

    private static Map<String, Object> row(Span span, DateTimeFormatter format) {
        return Map.of(
                "start", format.format(span.start()),
                "end", format.format(span.end()),
                "iso", span.start().toString(),
                "requests", String.format(Locale.ROOT, "%,d", span.requests()),
                "billable", String.format(Locale.ROOT, "%,d", span.billable()),
                "refused", String.format(Locale.ROOT, "%,d", span.refused()),
                "units", String.format(Locale.ROOT, "%,d", span.units()),
                "bytes", bytes(span.bytesOut()));
    }

    private static String source(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    private static String resource(String name) {
        try (InputStream in = UsagePage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("no resource '" + name + "' beside " + UsagePage.class.getName());
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read resource " + name, e);
        }
    }
}
