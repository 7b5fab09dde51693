package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.record.Epoch;
import io.counterfoil.accesslog.record.RecordEncoder;
import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

/** A small segment, cut at every byte and with every bit of it flipped: what is found is what was there before that place. */
final class ValidPrefixTest {
    private static final int RECORDS = 5;
    private static final SegmentId ID = new SegmentId(new StreamId("edge-1", new Epoch(1_700_000_000, 5), 0), 3);

    /** Where line 1 and each record end. */
    private final List<Integer> ends = new ArrayList<>();

    private final byte[] segment = segment();

    @Test
    void aCutAnywhereKeepsTheWholeLinesBeforeIt() {
        for (int cut = 0; cut <= segment.length; cut++) {
            byte[] file = new byte[4096];
            System.arraycopy(segment, 0, file, 0, cut);

            assertThat(ValidPrefix.of(ID, file, file.length, 11))
                    .as("cut at " + cut)
                    .isEqualTo(expected(cut));
            assertThat(ValidPrefix.of(ID, segment, cut, 11))
                    .as("shorter, at " + cut)
                    .isEqualTo(expected(cut));
        }
    }

    @Test
    void noFlippedBitMakesAnotherRecord() {
        for (int bit = 0; bit < segment.length * 8; bit++) {
            byte[] file = Arrays.copyOf(segment, 4096);
            file[bit / 8] ^= (byte) (1 << bit % 8);

            assertThat(ValidPrefix.of(ID, file, file.length, 11))
                    .as("bit " + bit)
                    .isEqualTo(expected(bit / 8));
        }
    }

    private ValidPrefix expected(int intactBytes) {
        List<Integer> whole = ends.stream().filter(end -> end <= intactBytes).toList();
        byte[] file = Arrays.copyOf(segment, whole.isEmpty() ? 0 : whole.get(whole.size() - 1));
        ValidPrefix prefix = ValidPrefix.of(ID, file, file.length, 11);
        assertThat(prefix.records().count()).isEqualTo(Math.max(0, whole.size() - 1));
        assertThat(prefix.bytes()).isEqualTo(file.length);
        return prefix;
    }

    private byte[] segment() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(RecordFormat.header(ID));
        ends.add(bytes.size());
        RecordEncoder encoder = new RecordEncoder();
        encoder.begin(ID);
        for (int i = 0; i < RECORDS; i++) {
            int length = encoder.encode(11 + i, 1_700_000_000_000_000L + i, LogFixture.FACTS);
            bytes.write(encoder.line(), 0, length);
            ends.add(bytes.size());
        }
        return bytes.toByteArray();
    }
}
