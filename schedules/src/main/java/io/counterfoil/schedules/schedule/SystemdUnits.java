package io.counterfoil.schedules.schedule;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Renders a schedule as one service and one timer of systemd a job. */
public final class SystemdUnits {
    private static final String HEAD =
            "# Rendered from schedule.yaml by counterfoil schedule render systemd; change that, not this.\n";

    private SystemdUnits() {}

    /** Each unit's text by its file name. */
    public static Map<String, String> render(Schedule schedule) {
        Map<String, String> units = new LinkedHashMap<>();
        for (ScheduledJob job : schedule.enabled()) {
            units.put("counterfoil-" + job.name() + ".service", service(schedule.deployment(), job));
            units.put("counterfoil-" + job.name() + ".timer", timer(job));
        }
        return units;
    }

    private static String service(Deployment deployment, ScheduledJob job) {
        List<String> words = SubmitCommand.locked(deployment, job);
        // timeout's own limit comes first; this one is for a run that does not end by it, after what it may wait for
        // its lock.
        long seconds = job.timeout().toSeconds() * (job.overlap().waits() ? 2 : 1) + 120;
        return HEAD
                + "[Unit]\n"
                + "Description=Counterfoil " + job.name() + "\n"
                + "Wants=network-online.target\n"
                + "After=network-online.target\n"
                + "\n[Service]\n"
                + "Type=oneshot\n"
                + "User=" + deployment.user() + "\n"
                + "EnvironmentFile=" + deployment.environment() + "\n"
                + "ExecStart=/usr/bin/" + words.stream().map(SystemdUnits::word).collect(Collectors.joining(" ")) + "\n"
                + "TimeoutStartSec=" + seconds + "\n"
                + "NoNewPrivileges=yes\n"
                + "PrivateTmp=yes\n";
    }

    private static String timer(ScheduledJob job) {
        return HEAD
                + "[Unit]\n"
                + "Description=Starts Counterfoil " + job.name() + "\n"
                + "\n[Timer]\n"
                + "OnCalendar=" + job.cadence().onCalendar() + "\n"
                + "AccuracySec=1s\n"
                // A start that was missed while the machine was off is made up for.
                + "Persistent=true\n"
                + "\n[Install]\n"
                + "WantedBy=timers.target\n";
    }

    /** As systemd reads it, which knows specifiers (%) and variables ($) inside quotes too. */
    private static String word(String text) {
        String escaped = text.replace("\\", "\\\\").replace("%", "%%").replace("$", "$$");
        return escaped.matches("[A-Za-z0-9._/:=,@+%$-]+") ? escaped : "\"" + escaped.replace("\"", "\\\"") + "\"";
    }
}
