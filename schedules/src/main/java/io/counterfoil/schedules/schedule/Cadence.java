package io.counterfoil.schedules.schedule;

import java.time.Duration;
import java.util.Optional;

/**
 * When a job starts: every so many minutes, an offset after the start of the period. The period divides an hour, or is whole hours that
 * divide a day: else neither cron nor a calendar could say it, and starts would drift against each other over midnight.
 */
public record Cadence(int everyMinutes, int offsetMinutes) {
    private static final int HOUR = 60;
    private static final int DAY = 24 * HOUR;

    public Cadence {
        if (!valid(everyMinutes) || offsetMinutes < 0 || offsetMinutes >= everyMinutes) {
            throw new IllegalArgumentException(
                    "cadence is every " + everyMinutes + " min after " + offsetMinutes + " min");
        }
    }

    /** Empty where the period is none that a calendar can say. */
    static Optional<Integer> everyMinutes(Duration every) {
        if (every.toSecondsPart() != 0 || every.toMillisPart() != 0 || every.toMinutes() > DAY) {
            return Optional.empty();
        }
        return Optional.of((int) every.toMinutes()).filter(Cadence::valid);
    }

    private static boolean valid(int minutes) {
        return minutes > 0
                && minutes <= DAY
                && (minutes < HOUR ? HOUR % minutes == 0 : DAY % minutes == 0 && minutes % HOUR == 0);
    }

    /** The five fields of a crontab's line. */
    public String cron() {
        if (everyMinutes < HOUR) {
            return cronSteps(offsetMinutes, everyMinutes, HOUR) + " * * * *";
        }
        return offsetMinutes % HOUR + " " + cronSteps(offsetMinutes / HOUR, everyMinutes / HOUR, DAY / HOUR) + " * * *";
    }

    private static String cronSteps(int first, int step, int of) {
        if (step == 1) {
            return "*";
        }
        return step == of ? Integer.toString(first) : first == 0 ? "*/" + step : first + "-" + (of - 1) + "/" + step;
    }

    /** A calendar event of systemd, in UTC. */
    public String onCalendar() {
        if (everyMinutes < HOUR) {
            return "*-*-* *:" + two(offsetMinutes) + "/" + everyMinutes + ":00 UTC";
        }
        int hours = everyMinutes / HOUR;
        String hour = hours == 1 ? "*" : two(offsetMinutes / HOUR) + (hours == 24 ? "" : "/" + hours);
        return "*-*-* " + hour + ":" + two(offsetMinutes % HOUR) + ":00 UTC";
    }

    private static String two(int number) {
        return number < 10 ? "0" + number : Integer.toString(number);
    }
}
