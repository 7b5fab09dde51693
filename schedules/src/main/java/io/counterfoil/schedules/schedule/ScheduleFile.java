package io.counterfoil.schedules.schedule;

import io.counterfoil.schedules.yaml.YamlFaults;
import io.counterfoil.schedules.yaml.YamlFields;
import io.counterfoil.sql.OperatorException;
import org.snakeyaml.engine.v2.nodes.Node;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code schedule.yaml}. Every fault is told at once, each with file, line, value and what was expected. */
public final class ScheduleFile {
    private static final Set<String> FIELDS = YamlFields.ordered("deploy", "places", "jobs", "single_machine");
    private static final Set<String> DEPLOY =
            YamlFields.ordered("spark_submit", "master", "jobs_jar", "environment", "user", "locks");
    private static final Set<String> JOBS =
            YamlFields.ordered("rollup", "archive", "audit", "overshoot", "retain", "notify", "push-flags");
    private static final Pattern DURATION = Pattern.compile("(\\d{1,7})(ms|s|m|h|d)");

    private final YamlFaults faults;
    private final Map<String, String> places = new LinkedHashMap<>();

    private ScheduleFile(YamlFaults faults) {
        this.faults = faults;
    }

    /** @throws OperatorException category INPUT with every fault found */
    public static Schedule read(Path file) {
        YamlFaults faults = faults(file.toString());
        return new ScheduleFile(faults).parse(faults.root(faults.text(file)));
    }

    /** The one of this build. */
    public static Schedule bundled() {
        try (InputStream in = ScheduleFile.class.getResourceAsStream("schedule.yaml")) {
            if (in == null) {
                throw new IllegalStateException("this build has no schedule.yaml");
            }
            return parse("schedule.yaml", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Schedule parse(String name, String text) {
        YamlFaults faults = faults(name);
        return new ScheduleFile(faults).parse(faults.root(text));
    }

    private static YamlFaults faults(String name) {
        return new YamlFaults("schedule", name, "schedules/schedule.yaml");
    }

    private Schedule parse(Node root) {
        YamlFields fields = new YamlFields(root, "", FIELDS, faults);
        YamlFields deploy = fields.section("deploy", true, DEPLOY);
        // Where it is missing, that is one fault, not one a field.
        Optional<Deployment> deployment = fields.node("deploy").flatMap(there -> deployment(deploy));
        YamlFields named = fields.section("places", false, Set.of());
        for (String name : named.names()) {
            named.value(name, true, "a path that Hadoop knows, without a password", JobSection::publicWord)
                    .ifPresent(place -> places.put(name, place));
        }
        YamlFields all = fields.section("jobs", true, JOBS);
        List<ScheduledJob> jobs = all.names().stream()
                .flatMap(name ->
                        new JobSection(name, all.section(name, true, JobSection.FIELDS), places).read().stream())
                .toList();
        Duration pause = fields.section("single_machine", false, YamlFields.ordered("rollup_pause"))
                .value(
                        "rollup_pause",
                        false,
                        "a time from 10ms to 1h",
                        text -> duration(text).filter(time -> time.toMillis() >= 10 && time.toHours() <= 1))
                .orElse(Duration.ofMillis(500));
        faults.throwIfAny();
        return new Schedule(deployment.orElseThrow(), jobs, pause);
    }

    private static Optional<Deployment> deployment(YamlFields fields) {
        Optional<Path> submit = absolute(fields, "spark_submit");
        Optional<String> master = fields.value(
                "master",
                true,
                "spark://HOST:PORT, yarn, k8s://https://HOST:PORT or local[*]",
                text -> Optional.of(text)
                        .filter(t -> t.matches("spark://\\S+:\\d+|yarn|k8s://\\S+|local(\\[(\\*|\\d+)])?")));
        Optional<Path> jar = absolute(fields, "jobs_jar");
        Optional<Path> environment = absolute(fields, "environment");
        Optional<String> user = fields.value(
                "user",
                true,
                "the name of a user of the machine",
                text -> Optional.of(text).filter(t -> t.matches("[a-z_][a-z0-9_-]{0,31}")));
        Optional<Path> locks = absolute(fields, "locks");
        boolean whole = submit.isPresent() && master.isPresent() && jar.isPresent() && environment.isPresent();
        return whole && user.isPresent() && locks.isPresent()
                ? Optional.of(new Deployment(
                        submit.get(), master.get(), jar.get(), environment.get(), user.get(), locks.get()))
                : Optional.empty();
    }

    private static Optional<Path> absolute(YamlFields fields, String name) {
        return fields.value(
                name,
                true,
                "an absolute path without blanks, quotes and variables",
                text -> Optional.of(text)
                        .filter(t -> t.matches("/[A-Za-z0-9._/+@=-]*"))
                        .map(Path::of));
    }

    /** Empty where the text is no time, as in 500ms, 30s, 5m, 2h or 1d. */
    static Optional<Duration> duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long number = Long.parseLong(matcher.group(1));
        return Optional.of(
                switch (matcher.group(2)) {
                    case "ms" -> Duration.ofMillis(number);
                    case "s" -> Duration.ofSeconds(number);
                    case "m" -> Duration.ofMinutes(number);
                    case "h" -> Duration.ofHours(number);
                    default -> Duration.ofDays(number);
                });
    }
}
