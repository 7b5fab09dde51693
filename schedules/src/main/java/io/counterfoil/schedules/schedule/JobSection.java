package io.counterfoil.schedules.schedule;

import io.counterfoil.schedules.yaml.YamlFields;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The fields of one job. */
final class JobSection {
    static final Set<String> FIELDS =
            YamlFields.ordered("enabled", "every", "offset", "timeout", "lock", "overlap", "arguments", "spark");

    private static final Pattern PLACE = Pattern.compile("\\{([^{}]*)}");
    private static final String NO_SECRET = "none that holds a secret: arguments are seen by everyone on the machine;"
            + " put it into deploy.environment's file or Spark's conf/spark-defaults.conf";

    private final String name;
    private final YamlFields fields;
    private final Map<String, String> places;

    /** @param places what stands for {@code {name}} in arguments */
    JobSection(String name, YamlFields fields, Map<String, String> places) {
        this.name = name;
        this.fields = fields;
        this.places = places;
    }

    Optional<ScheduledJob> read() {
        boolean enabled = fields.value("enabled", false, "true or false", JobSection::bool)
                .orElse(true);
        Optional<Integer> every = fields.value(
                "every",
                true,
                "1m to 30m where it divides an hour, 1h to 12h where it divides a day, or 1d",
                text -> ScheduleFile.duration(text).flatMap(Cadence::everyMinutes));
        int offset = fields.value(
                        "offset",
                        false,
                        "whole minutes, less than 'every'",
                        text -> ScheduleFile.duration(text)
                                .filter(time -> time.toMillis() % 60_000 == 0)
                                .map(Duration::toMinutes)
                                .filter(minutes -> minutes < every.orElse(Integer.MAX_VALUE))
                                .map(Math::toIntExact))
                .orElse(0);
        Optional<Duration> timeout = fields.value(
                "timeout",
                true,
                "a time from 10s to 7d, as in 30m",
                text -> ScheduleFile.duration(text).filter(time -> time.toSeconds() >= 10 && time.toDays() <= 7));
        String lock = fields.value(
                        "lock",
                        false,
                        "1 to 64 of a-z 0-9 _ -",
                        text -> Optional.of(text).filter(t -> t.matches("[a-z0-9_-]{1,64}")))
                .orElse(name);
        boolean wait = fields.value(
                        "overlap",
                        false,
                        "skip or wait",
                        text -> Optional.of(text.equals("wait")).filter(waits -> waits || text.equals("skip")))
                .orElse(false);
        List<String> arguments = fields.list("arguments", argumentExpected(), this::argument);
        Map<String, String> spark = spark();
        if (every.isEmpty() || timeout.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new ScheduledJob(
                name,
                enabled,
                new Cadence(every.get(), offset),
                timeout.get(),
                new ScheduledJob.Overlap(lock, wait),
                arguments,
                spark));
    }

    private String argumentExpected() {
        return "a word of the job's arguments, of the places "
                + String.join(
                        ", ",
                        places.keySet().stream().map(place -> "{" + place + "}").toList()) + ", and " + NO_SECRET;
    }

    private Optional<String> argument(String text) {
        Matcher place = PLACE.matcher(text);
        StringBuilder word = new StringBuilder();
        while (place.find()) {
            String stands = places.get(place.group(1));
            if (stands == null) {
                return Optional.empty();
            }
            place.appendReplacement(word, Matcher.quoteReplacement(stands));
        }
        place.appendTail(word);
        return publicWord(word.toString());
    }

    private Map<String, String> spark() {
        YamlFields section = fields.section("spark", false, Set.of());
        Map<String, String> settings = new LinkedHashMap<>();
        for (String setting : section.names()) {
            section.value(
                            setting,
                            true,
                            "a setting of Spark (spark.…), and " + NO_SECRET,
                            text -> publicWord(text)
                                    .filter(value -> setting.matches("spark\\.[A-Za-z0-9._-]+")
                                            && !setting.toLowerCase(Locale.ROOT)
                                                    .matches(".*(secret|password|token|access\\.key|credential).*")))
                    .ifPresent(value -> settings.put(setting, value));
        }
        return settings;
    }

    /** Empty where the text has what no line of a crontab takes, or what looks like a secret. */
    static Optional<String> publicWord(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        boolean secret = lower.startsWith("--database")
                || lower.contains("password")
                || lower.contains("secret")
                || lower.matches("[a-z0-9+.-]+://[^/]*:[^/]*@.*");
        return Optional.of(text).filter(t -> !secret && t.chars().noneMatch(c -> c < ' ' || c == 0x7f));
    }

    private static Optional<Boolean> bool(String text) {
        return Optional.of(text.equals("true")).filter(yes -> yes || text.equals("false"));
    }
}
