package io.counterfoil.jobs.plans;

import io.counterfoil.sql.OperatorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class BillingZoneTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "UTC",
                "Europe/Berlin",
                "America/New_York",
                "Pacific/Auckland",
                "America/Havana",
                "Asia/Tokyo",
                "Antarctica/Troll",
                "Africa/Casablanca"
            })
    void takesZonesOfWholeHours(String name) {
        assertThat(BillingZone.named(name).name()).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource({
        "Asia/Kolkata,+05:30",
        "Asia/Kathmandu,+05:45",
        "Australia/Lord_Howe,+10:30",
        "America/St_Johns,-03:30",
        "Pacific/Chatham,+13:45",
        "Australia/Adelaide,+10:30"
    })
    void refusesOthersByNameAndOffset(String name, String offset) {
        assertThatThrownBy(() -> BillingZone.named(name))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("time zone is '" + name + "', whose offset is " + offset + " (at 20")
                .hasMessageContaining("expected one whose offsets are whole hours");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Europe/Atlantis", "+02:00", "utc ", "", "SystemV/PST8PDT"})
    void refusesWhatIsNoZone(String name) {
        assertThatThrownBy(() -> BillingZone.named(name))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("time zone is '" + name + "', expected one of the IANA time zones");
    }

    @Test
    void judgesEveryZoneAsItsOffsetOfEveryDayDoes() {
        Instant first = Instant.parse("2020-01-01T00:00:00Z");
        for (String name : ZoneId.getAvailableZoneIds()) {
            if (name.startsWith("SystemV/")) {
                continue;
            }
            ZoneId zone = ZoneId.of(name);
            boolean whole = true;
            for (int day = 0; whole && day < 80 * 365; day++) {
                Instant noon = first.plus(Duration.ofDays(day));
                whole = zone.getRules().getOffset(noon).getTotalSeconds() % 3600 == 0;
            }

            assertThat(taken(name)).as(name).isEqualTo(whole);
        }
    }

    private static boolean taken(String name) {
        try {
            BillingZone.named(name);
            return true;
        } catch (OperatorException e) {
            return false;
        }
    }
}
