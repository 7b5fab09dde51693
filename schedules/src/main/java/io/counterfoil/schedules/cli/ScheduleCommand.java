package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.counterfoil.schedules.schedule.Crontab;
import io.counterfoil.schedules.schedule.Schedule;
import io.counterfoil.schedules.schedule.ScheduleFile;
import io.counterfoil.schedules.schedule.ScheduledJob;
import io.counterfoil.schedules.schedule.SystemdUnits;
import io.counterfoil.sql.OperatorException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;

@Command(
        name = "schedule",
        description = "What runs when: a crontab or systemd's timers from schedule.yaml.",
        mixinStandardHelpOptions = true,
        subcommands = ScheduleCommand.Render.class)
final class ScheduleCommand {
    private static final String FILE = "Default: the schedule.yaml of this build.";

    private final Counterfoil root;

    ScheduleCommand(Counterfoil root) {
        this.root = root;
    }

    @Command(
            name = "check",
            description = "Read the schedule, tell every fault in it.",
            mixinStandardHelpOptions = true)
    int check(@Option(names = "--schedule", paramLabel = "FILE", description = FILE) Path file) {
        Schedule schedule = read(file);
        root.out()
                .println((file == null ? "schedule.yaml" : file) + ": "
                        + schedule.jobs().size() + " jobs, "
                        + schedule.enabled().size() + " enabled");
        return 0;
    }

    @Command(name = "list", description = "Show the jobs and when they start.", mixinStandardHelpOptions = true)
    int list(
            @Option(names = "--schedule", paramLabel = "FILE", description = FILE) Path file,
            @Option(names = "--json", description = "Print a JSON array.") boolean json) {
        Schedule schedule = read(file);
        if (json) {
            ArrayNode jobs = new ObjectMapper().createArrayNode();
            for (ScheduledJob job : schedule.jobs()) {
                jobs.addObject()
                        .put("job", job.name())
                        .put("enabled", job.enabled())
                        .put("every_seconds", 60L * job.cadence().everyMinutes())
                        .put("offset_seconds", 60L * job.cadence().offsetMinutes())
                        .put("timeout_seconds", job.timeout().toSeconds())
                        .put("lock", job.overlap().lock())
                        .put("overlap", overlap(job));
            }
            root.out().println(jobs);
            return 0;
        }
        root.out()
                .printf(
                        "%-8s %-8s %-7s %-7s %-8s %-8s %s%n",
                        "job", "enabled", "every", "offset", "timeout", "lock", "overlap");
        for (ScheduledJob job : schedule.jobs()) {
            root.out()
                    .printf(
                            "%-8s %-8s %-7s %-7s %-8s %-8s %s%n",
                            job.name(),
                            job.enabled() ? "yes" : "no",
                            time(Duration.ofMinutes(job.cadence().everyMinutes())),
                            time(Duration.ofMinutes(job.cadence().offsetMinutes())),
                            time(job.timeout()),
                            job.overlap().lock(),
                            overlap(job));
        }
        return 0;
    }

    private static String overlap(ScheduledJob job) {
        return job.overlap().waits() ? "wait" : "skip";
    }

    private static String time(Duration time) {
        return time.toSeconds() % 86_400 == 0 && !time.isZero()
                ? time.toDays() + "d"
                : time.toSeconds() % 3600 == 0 && !time.isZero()
                        ? time.toHours() + "h"
                        : time.toSeconds() % 60 == 0 ? time.toMinutes() + "m" : time.toSeconds() + "s";
    }

    private static Schedule read(Path file) {
        return file == null ? ScheduleFile.bundled() : ScheduleFile.read(file);
    }

    @Command(name = "render", description = "Write what another scheduler reads.", mixinStandardHelpOptions = true)
    static final class Render {
        @picocli.CommandLine.ParentCommand
        private ScheduleCommand parent;

        @Command(name = "crontab", description = "Render a crontab.", mixinStandardHelpOptions = true)
        int crontab(
                @Option(names = "--schedule", paramLabel = "FILE", description = FILE) Path file,
                @Option(
                                names = "--out",
                                paramLabel = "DIR",
                                description = "Write counterfoil.crontab there instead of printing it.")
                        Path out) {
            return write(Map.of("counterfoil.crontab", Crontab.render(read(file))), out);
        }

        @Command(
                name = "systemd",
                description = "Render services and timers of systemd.",
                mixinStandardHelpOptions = true)
        int systemd(
                @Option(names = "--schedule", paramLabel = "FILE", description = FILE) Path file,
                @Option(
                                names = "--out",
                                paramLabel = "DIR",
                                description = "Write a file a unit there instead of printing them.")
                        Path out) {
            return write(SystemdUnits.render(read(file)), out);
        }

        private int write(Map<String, String> files, Path out) {
            if (out == null) {
                files.forEach(
                        (name, text) -> parent.root.out().print((files.size() > 1 ? "# " + name + "\n" : "") + text));
                return 0;
            }
            try {
                Files.createDirectories(out);
                for (Map.Entry<String, String> file : files.entrySet()) {
                    // A scheduler may look at any time: it is to find the old file or the new one.
                    Path written = Files.writeString(out.resolve("." + file.getKey() + ".new"), file.getValue());
                    Files.move(
                            written,
                            out.resolve(file.getKey()),
                            StandardCopyOption.REPLACE_EXISTING,
                            StandardCopyOption.ATOMIC_MOVE);
                    parent.root.out().println("wrote " + out.resolve(file.getKey()));
                }
            } catch (IOException e) {
                throw OperatorException.input(
                        "cannot write to " + out + ": " + e.getMessage() + "; expected a folder that you may write to");
            }
            return 0;
        }
    }
}
