package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.testing.ChildProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * SIGBUS for real: the active segment's file is cut short under its mapping, in a process whose append is compiled. Java 17 skips
 * such a store, goes on, and reports an InternalError some time later.
 */
final class MappingFaultTest {
    @TempDir
    Path folder;

    @Test
    void recordsThatTheMappingSwallowedAreCountedAndTheStreamGoesOn() throws Exception {
        Process writer = ChildProcess.start(MappingFaultMain.class, folder.toString());
        String said = new String(writer.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String errors = new String(writer.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(writer.waitFor()).as(said + errors).isZero();
        long acknowledged = Long.parseLong(said.lines().findFirst().orElseThrow());

        List<Seal> seals = new LogFixture(folder).seals();
        long lost = seals.stream().mapToLong(seal -> seal.unlogged().lost()).sum();
        assertThat(LogFixture.records(seals) + lost).isEqualTo(acknowledged);
        assertThat(lost).as(said).isPositive();
        assertThat(seals.get(seals.size() - 1).unlogged().lost()).isZero();
        assertThat(seals.get(seals.size() - 1).records().count()).isPositive();
        assertThat(said).contains("records were appended, but are not in its file");
        LogFixture.sequence(new LogFixture(folder).landing(), seals);
    }
}
