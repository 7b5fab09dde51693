package io.counterfoil.jobs.plans;

import io.counterfoil.jobs.plans.BillingPeriod.Interval;
import io.counterfoil.sql.OperatorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.Optional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Dates that calendars and clocks are known to go wrong at; the expected times are worked out by hand. */
final class BillingPeriodTest {
    @ParameterizedTest
    @CsvSource({
        // interval, anchor, month, zone, from, to, hours
        "MONTHLY, 1, 2026-10, UTC, 2026-10-01T00:00:00Z, 2026-11-01T00:00:00Z, 744",
        // February, in a leap year and not.
        "MONTHLY, 1, 2028-02, UTC, 2028-02-01T00:00:00Z, 2028-03-01T00:00:00Z, 696",
        "MONTHLY, 1, 2100-02, UTC, 2100-02-01T00:00:00Z, 2100-03-01T00:00:00Z, 672",
        // The 31st goes back to the last day of a short month, and comes again in a long one.
        "MONTHLY, 31, 2026-01, UTC, 2026-01-31T00:00:00Z, 2026-02-28T00:00:00Z, 672",
        "MONTHLY, 31, 2026-02, UTC, 2026-02-28T00:00:00Z, 2026-03-31T00:00:00Z, 744",
        "MONTHLY, 31, 2028-01, UTC, 2028-01-31T00:00:00Z, 2028-02-29T00:00:00Z, 696",
        "MONTHLY, 29, 2026-02, UTC, 2026-02-28T00:00:00Z, 2026-03-29T00:00:00Z, 696",
        "MONTHLY, 30, 2026-04, UTC, 2026-04-30T00:00:00Z, 2026-05-30T00:00:00Z, 720",
        // A month with a day of 23 hours, one with a day of 25.
        "MONTHLY, 1, 2026-03, Europe/Berlin, 2026-02-28T23:00:00Z, 2026-03-31T22:00:00Z, 743",
        "MONTHLY, 1, 2026-10, Europe/Berlin, 2026-09-30T22:00:00Z, 2026-10-31T23:00:00Z, 745",
        "MONTHLY, 1, 2026-04, Pacific/Auckland, 2026-03-31T11:00:00Z, 2026-04-30T12:00:00Z, 721",
        // The 29th of March begins as any day, its night is an hour short.
        "MONTHLY, 29, 2026-03, Europe/Berlin, 2026-03-28T23:00:00Z, 2026-04-28T22:00:00Z, 743",
        // Days that begin at one o'clock: Beirut, Cairo.
        "MONTHLY, 29, 2026-03, Asia/Beirut, 2026-03-28T22:00:00Z, 2026-04-28T21:00:00Z, 743",
        "MONTHLY, 24, 2026-04, Africa/Cairo, 2026-04-23T22:00:00Z, 2026-05-23T21:00:00Z, 719",
        // Samoa had no 30 December 2011.
        "MONTHLY, 30, 2011-12, Pacific/Apia, 2011-12-30T10:00:00Z, 2012-01-29T10:00:00Z, 720",
        "QUARTERLY, 1, 2026-10, UTC, 2026-10-01T00:00:00Z, 2027-01-01T00:00:00Z, 2208",
        "QUARTERLY, 31, 2026-04, UTC, 2026-04-30T00:00:00Z, 2026-07-31T00:00:00Z, 2208",
        "YEARLY, 1, 2028-01, UTC, 2028-01-01T00:00:00Z, 2029-01-01T00:00:00Z, 8784",
        "YEARLY, 15, 2026-01, America/New_York, 2026-01-15T05:00:00Z, 2027-01-15T05:00:00Z, 8760"
    })
    void beginsAtTheAnchorDaysMidnightOfTheZone(
            Interval interval, int anchor, YearMonth month, String zone, Instant from, Instant to, long hours) {
        Period period = new BillingPeriod(interval, anchor)
                .beginningIn(month, ZoneId.of(zone))
                .orElseThrow();
        assertThat(period).isEqualTo(new Period(from, to));
        assertThat(period.hours()).isEqualTo(hours);
    }

    @ParameterizedTest
    @CsvSource({"QUARTERLY, 2026-11", "QUARTERLY, 2026-12", "YEARLY, 2026-10"})
    void isNoneInAMonthInWhichNoneBegins(Interval interval, YearMonth month) {
        assertThat(new BillingPeriod(interval, 1).beginningIn(month, ZoneId.of("UTC")))
                .isEmpty();
    }

    @Test
    void followOneAnotherWithoutAGap() {
        for (String zone :
                new String[] {"UTC", "Europe/Berlin", "America/Santiago", "Pacific/Auckland", "Asia/Beirut"}) {
            for (int anchor = 1; anchor <= 31; anchor++) {
                BillingPeriod periods = new BillingPeriod(Interval.MONTHLY, anchor);
                Instant end = periods.beginningIn(YearMonth.of(2026, 1), ZoneId.of(zone))
                        .orElseThrow()
                        .from();
                for (YearMonth month = YearMonth.of(2026, 1); month.getYear() < 2030; month = month.plusMonths(1)) {
                    Period period = periods.beginningIn(month, ZoneId.of(zone)).orElseThrow();
                    assertThat(period.from())
                            .as("%s %s %d", zone, month, anchor)
                            .isEqualTo(end);
                    end = period.to();
                }
            }
        }
    }

    @Test
    void isRefusedWhereItWouldBeginWithinAnHour() {
        assertThatThrownBy(() -> new BillingPeriod(Interval.MONTHLY, 1)
                        .beginningIn(YearMonth.of(2026, 10), ZoneId.of("Asia/Kolkata")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("time zone is Asia/Kolkata, where a period begins at 2026-09-30T18:30:00Z")
                .hasMessageContaining("expected a zone whose days begin on a UTC hour");
    }

    @Test
    void hasAnAnchorThatIsADay() {
        assertThatThrownBy(() -> new BillingPeriod(Interval.MONTHLY, 32)).hasMessageContaining("expected 1 to 31");
        assertThat(Optional.of(new BillingPeriod(Interval.MONTHLY, 31))).isPresent();
    }
}
