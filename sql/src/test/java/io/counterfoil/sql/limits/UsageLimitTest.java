package io.counterfoil.sql.limits;

import io.counterfoil.sql.OperatorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class UsageLimitTest {
    @ParameterizedTest
    @CsvSource({
        "1000/hour, 1000, requests, hour, 1000/hour",
        "1000 requests / hour, 1000, requests, hour, 1000/hour",
        "500units/day, 500, units, day, 500units/day",
        "50GiB/period, 53687091200, bytes_out, period, 50GiB/period",
        "1500MB/Hour, 1500000000, bytes_out, hour, 1500MB/hour",
        "1024 kib/hour, 1048576, bytes_out, hour, 1MiB/hour",
        "1000001B/day, 1000001, bytes_out, day, 1000001B/day",
        "8191TiB/period, 9006099743113216, bytes_out, period, 8191TiB/period",
    })
    void readsWhatPeopleWrite(String text, long quota, String measure, String window, String written) {
        assertThat(UsageLimit.parse(text, "warn", "account"))
                .isEqualTo(new UsageLimit(quota, window, measure, "warn", "account"))
                .extracting(UsageLimit::text)
                .isEqualTo(written);
        assertThat(UsageLimit.parse(written, "warn", "account").quota()).isEqualTo(quota);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"many", "1000", "/hour", "-1/hour", "1.5GiB/hour", "10/week", "10PiB/hour", "10 x/hour", ""})
    void refusesWhatIsNone(String text) {
        assertThatThrownBy(() -> UsageLimit.parse(text, "warn"))
                .isInstanceOf(OperatorException.class)
                .hasMessageStartingWith("limit is '" + text + "', expected NUMBER/hour");
    }

    @Test
    void refusesWhatNoCounterHolds() {
        assertThatThrownBy(() -> UsageLimit.parse("99999999TiB/period", "warn")).hasMessageContaining("less than 2^63");
        assertThatThrownBy(() -> UsageLimit.parse("0/hour", "refuse")).hasMessageContaining("counterfoil key disable");
        assertThatThrownBy(() -> UsageLimit.parse("1/hour", "explode")).hasMessageContaining("notify, warn or refuse");
        assertThatThrownBy(() -> UsageLimit.parse("1/hour", "warn", "planet")).hasMessageContaining("key or account");
    }
}
