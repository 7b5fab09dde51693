package io.counterfoil.schedules.cli;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Map;
import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;

final class SheetTextTest {
    private static final String LETTERS = "'=+-@\t\rab1\n,\";| \u00A0\u3000\u000B\uFF1D";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "=1+1",
                "+49 30 1234",
                "-",
                "-1",
                "@sum(a1)",
                "\ttab",
                "\rcr",
                "'=1",
                "''+1",
                " =1",
                "\u00A0\u3000=1",
                "' '=1",
                "\uFF1D1",
                "\n1"
            })
    void aFormulaGetsAnApostropheThatIsTakenOffAgain(String text) {
        assertThat(SheetText.written(text)).isEqualTo("'" + text);
        assertThat(SheetText.read(SheetText.written(text))).isEqualTo(text);
    }

    @Test
    void aFormulaWithinATextGetsOneToo() {
        Map<String, String> written = Map.of(
                "a,=1",
                "a,'=1",
                "\"=1",
                "\"'=1",
                "a;  -1",
                "a;'  -1",
                "a|''@x",
                "a|'''@x",
                "\"\"=1",
                "\"\"'=1",
                "a,=1,\uFF1D2",
                "a,'=1,'\uFF1D2",
                "=1\n+2",
                "'=1\n'+2",
                "\n=1",
                "'\n'=1");
        written.forEach((text, safe) -> {
            assertThat(SheetText.written(text)).isEqualTo(safe);
            assertThat(SheetText.read(safe)).isEqualTo(text);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Acme", "a=1", "'quoted'", "'", "O'Hara", "3-4", "rock 'n'-roll", "a, b"})
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
            for (int n = random.nextInt(7); n > 0; n--) {
                text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
            }
            String written = SheetText.written(text.toString());
            assertThat(SheetText.read(written)).as("seed %d", seed).isEqualTo(text.toString());
            assertThat(written).as("seed %d", seed).doesNotMatch("(?s)[\\t\\r\\n].*");
            for (String part : written.split("[\",;|\\t\\r\\n]", -1)) {
                assertThat(part)
                        .as("seed %d: %s", seed, written)
                        .doesNotMatch("(?s)[ \u00A0\u3000\u000B]*[=+\\-@\uFF1D].*");
            }
        }
    }
}
