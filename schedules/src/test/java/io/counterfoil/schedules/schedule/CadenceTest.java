package io.counterfoil.schedules.schedule;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import static org.assertj.core.api.Assertions.assertThat;

/** What a calendar says is expanded minute by minute, and held against arithmetic. */
final class CadenceTest {
    private static final List<Integer> PERIODS =
            List.of(1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440);

    @Test
    void aCrontabAndSystemdStartAtTheVerySameMinutes() {
        for (int every : PERIODS) {
            for (int offset : new TreeSet<>(List.of(0, 1 % every, every / 3, every - 1))) {
                Cadence cadence = new Cadence(every, offset);
                Set<Integer> expected = new TreeSet<>();
                for (int minute = offset; minute < 1440; minute += every) {
                    expected.add(minute);
                }
                String[] cron = cadence.cron().split(" ", -1);
                assertThat(cron).hasSize(5).endsWith("*", "*", "*");
                assertThat(minutes(cron[1], cron[0]))
                        .as("%s: cron %s", cadence, cadence.cron())
                        .isEqualTo(expected);
                String event = cadence.onCalendar();
                assertThat(event).matches("\\*-\\*-\\* [^ ]+:00 UTC");
                String[] time = event.split(" ", -1)[1].split(":", -1);
                assertThat(minutes(time[0], time[1]))
                        .as("%s: %s", cadence, event)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void otherPeriodsWouldDriftOverMidnight() {
        for (int every = 0; every < 3000; every++) {
            assertThat(Cadence.everyMinutes(java.time.Duration.ofMinutes(every)).isPresent())
                    .as("every %s min", every)
                    .isEqualTo(PERIODS.contains(every));
        }
    }

    private static Set<Integer> minutes(String hours, String minutes) {
        Set<Integer> all = new TreeSet<>();
        for (int hour : expand(hours, 24)) {
            for (int minute : expand(minutes, 60)) {
                all.add(hour * 60 + minute);
            }
        }
        return all;
    }

    /** Understands *, N, "star"/S, N-M/S (cron) and N/S (systemd: from N on). */
    private static Set<Integer> expand(String field, int of) {
        String[] parts = field.split("/", -1);
        String[] range = parts[0].split("-", -1);
        int first = range[0].equals("*") ? 0 : Integer.parseInt(range[0]);
        boolean open = range[0].equals("*") || parts.length > 1;
        int last = range.length > 1 ? Integer.parseInt(range[1]) : open ? of - 1 : first;
        int step = parts.length > 1 ? Integer.parseInt(parts[1]) : 1;
        Set<Integer> numbers = new TreeSet<>();
        for (int number = first; number <= last; number += step) {
            numbers.add(number);
        }
        return numbers;
    }
}
