package io.counterfoil.accesslog.landing;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class ZstdTest {
    @Test
    void whatWasCutAnywhereIsRefusedAndNothingElseHappens() throws Exception {
        byte[] lines = "1,2,3,items\n".repeat(200).getBytes(StandardCharsets.US_ASCII);
        byte[] frame = Zstd.compress(lines);

        assertThat(Zstd.decompress(frame)).isEqualTo(lines);
        for (int length = 0; length < frame.length; length++) {
            byte[] cut = Arrays.copyOf(frame, length);
            assertThatThrownBy(() -> Zstd.decompress(cut))
                    .as("cut to " + length)
                    .isInstanceOf(IOException.class);
        }
    }
}
