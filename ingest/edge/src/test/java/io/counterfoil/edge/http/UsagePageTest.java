package io.counterfoil.edge.http;

import io.counterfoil.edge.testing.Chromium;
import io.counterfoil.edge.testing.RunningEdge;
import io.counterfoil.edge.testing.SettableClock;
import io.counterfoil.edge.testing.TestControlPlane;
import io.counterfoil.sql.limits.UsageLimit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The usage page in a real browser, under its own content security policy. */
final class UsagePageTest {
    private static final String KEY = "the-key-of-acme-0123456789";
    private static final int LIGHT = 0xffffff;
    private static final int DARK = 0x14171a;
    private static final int LINE = 0xd9dee4;
    private static final int BILLABLE = 0x2463eb;
    /** Pixels that bars have together, and the limits' progress has not. */
    private static final int BARS = 20_000;

    private static final String LIGHT_MODE = "--blink-settings=preferredColorScheme=1";

    // A browser's last files may come after its end.
    @TempDir(cleanup = CleanupMode.NEVER)
    Path folder;

    @Test
    void aBrowserShowsChartAndTableAndWithoutScriptsTheTable() throws Exception {
        Optional<Chromium> found = Chromium.find(folder);
        assumeTrue(found.isPresent(), "Debian's package chromium is not installed: the usage page was not tried in it");
        Chromium chromium = found.get();
        Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS);
        TestControlPlane control = new TestControlPlane();
        control.createKey(
                "acme",
                KEY,
                List.of(UsageLimit.parse("100/hour", "refuse"), UsageLimit.parse("50GiB/period", "warn", "account")));
        control.used("acme", hour, 80);
        for (int i = 1; i < 48; i++) {
            control.count("acme", hour.minus(Duration.ofHours(i)), 10 + 7 * i % 60, i % 5);
        }
        try (RunningEdge edge =
                new RunningEdge(folder, control.jdbcUrl(), new SettableClock(hour.plus(Duration.ofMinutes(20))))) {
            String page = "http://key:" + KEY + "@" + edge.address() + "/usage";

            String drawn = chromium.dom(page);
            assertThat(drawn).contains("<canvas", "class=\"u-legend").contains("80 of 100 used, 80 %");
            assertThat(drawn.split("<tr><th scope=\"row\">", -1)).hasSize(49);
            assertThat(drawn).as("a key is in no page").doesNotContain(KEY);

            String still = chromium.withoutScripts().dom(page);
            assertThat(still).doesNotContain("<canvas").contains("80 of 100 used, 80 %");
            assertThat(still.split("<tr><th scope=\"row\">", -1)).hasSize(49);
            BufferedImage light = chromium.picture(page, LIGHT_MODE);
            BufferedImage dark = chromium.picture(page, "--blink-settings=preferredColorScheme=0");
            assertThat(light.getRGB(2, 2) & 0xffffff).isEqualTo(LIGHT);
            assertThat(dark.getRGB(2, 2) & 0xffffff).isEqualTo(DARK);
            assertThat(count(light, BILLABLE)).as("bars of billable requests").isGreaterThan(BARS);
            assertThat(count(light, 0xc2410c)).as("bars of refused requests").isGreaterThan(50);
            assertThat(count(light, LINE)).as("a line below each of 48 rows").isGreaterThan(48 * 600);
            assertThat(count(dark, 0x7aa7ff)).as("bars in the dark").isGreaterThan(BARS);
        }
    }

    private static int count(BufferedImage picture, int colour) {
        int found = 0;
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                found += (picture.getRGB(x, y) & 0xffffff) == colour ? 1 : 0;
            }
        }
        return found;
    }
}
