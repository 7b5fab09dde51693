package io.counterfoil.schedules.schedule;

import io.counterfoil.sql.OperatorException;

import java.util.List;
import java.util.stream.Collectors;

/** Renders a schedule as the crontab of the jobs' user. */
public final class Crontab {
    /** Debian's cron takes no command from here on. */
    private static final int MAX_COMMAND = 998;

    private Crontab() {}

    /** @throws OperatorException category INPUT where a line is longer than cron takes */
    public static String render(Schedule schedule) {
        Deployment deployment = schedule.deployment();
        StringBuilder text = new StringBuilder(
                "# Rendered from schedule.yaml by counterfoil schedule render crontab; change that, not this.\n"
                        + "# Install it with: crontab -u " + deployment.user()
                        + " FILE. Times are the machine's. What a job says goes to syslog.\n"
                        + "SHELL=/bin/sh\n"
                        + "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n");
        for (ScheduledJob job : schedule.enabled()) {
            String command = command(deployment, job);
            if (command.length() > MAX_COMMAND) {
                throw OperatorException.input("job " + job.name() + " makes a line of " + command.length()
                        + " characters, and cron takes " + MAX_COMMAND
                        + "; move its Spark settings to Spark's conf/spark-defaults.conf");
            }
            text.append(job.cadence().cron()).append(' ').append(command).append('\n');
        }
        return text.toString();
    }

    private static String command(Deployment deployment, ScheduledJob job) {
        List<String> words = SubmitCommand.locked(deployment, job);
        String command = "set -a; . " + word(deployment.environment().toString()) + "; set +a; "
                + words.stream().map(Crontab::word).collect(Collectors.joining(" "))
                + " 2>&1 | logger -t counterfoil-" + job.name();
        // To cron, a percent sign ends the command.
        return command.replace("%", "\\%");
    }

    /** As a shell reads it. */
    private static String word(String text) {
        return text.matches("[A-Za-z0-9._/:=,@+-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
