package io.counterfoil.schedules.cli;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;

final class SheetTextTest {
    @ParameterizedTest
    @ValueSource(strings = {"=1+1", "+49 30 1234", "-", "-1", "@sum(a1)", "\ttab", "\rcr", "'=1", "''+1", "=1\n+2"})
    void aFormulaGetsAnApostropheThatIsTakenOffAgain(String text) {
        assertThat(SheetText.written(text)).isEqualTo("'" + text);
        assertThat(SheetText.read(SheetText.written(text))).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Acme", "a=1", "'quoted'", "'", "O'Hara", "3-4"})
    void whatIsNoFormulaStaysAsItIs(String text) {
        assertThat(SheetText.written(text)).isEqualTo(text);
        assertThat(SheetText.read(text)).isEqualTo(text);
    }

    @Test
    void whateverIsWrittenIsReadAsItWasAndBeginsNoFormula() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(5); n > 0; n--) {
                text.append("'=+-@\t\rab1\n,\"".charAt(random.nextInt(13)));
            }
            String written = SheetText.written(text.toString());
            assertThat(SheetText.read(written)).as("seed %d", seed).isEqualTo(text.toString());
            assertThat(written).as("seed %d", seed).doesNotMatch("(?s)[=+\\-@\\t\\r].*");
        }
    }
}
