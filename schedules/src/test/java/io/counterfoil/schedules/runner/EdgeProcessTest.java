package io.counterfoil.schedules.runner;

import io.counterfoil.sql.OperatorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

final class EdgeProcessTest {
    @ParameterizedTest
    @CsvSource({"2, 2", "3, 3", "4, 4", "0, 4", "137, 4"})
    void anEdgeThatEndedIsToldInItsOwnCategory(int code, int exitCode) {
        assertThat(EdgeProcess.ended(code))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(exitCode))
                .hasMessage("edge ended with exit code " + code + "; its last lines say why");
    }

    @Test
    void anEdgeThatEndedByADefectIsOneHereToo() {
        assertThat(EdgeProcess.ended(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("edge ended with exit code 1; its last lines say why");
    }
}
