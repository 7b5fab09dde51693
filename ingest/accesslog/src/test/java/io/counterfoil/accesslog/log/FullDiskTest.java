package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.testing.ChildProcess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

/** A disk that is really full: a tmpfs of 8 MiB, written to by a process with a compiled append, which is then killed. */
final class FullDiskTest {
    @TempDir
    Path folder;

    private boolean mounted;

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            // Lazily: this process still has mappings there, until its garbage collector lets go of them.
            new ProcessBuilder("umount", "-l", folder.resolve("data").toString())
                    .start()
                    .waitFor();
        }
    }

    @Test
    void aFullDiskLosesNoLoggedRecordAndWhatWentUnloggedIsCountedAcrossAKill() throws Exception {
        Path data = Files.createDirectory(folder.resolve("data"));
        Assumptions.assumeTrue(mount(data), "a tmpfs cannot be mounted here: run as root on Linux to have this tested");
        mounted = true;
        Path inTheWay = Files.writeString(folder.resolve("landing"), "the landing is away");

        Process writer = ChildProcess.start(FullDiskMain.class, folder.toString());
        long logged;
        long unlogged;
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
            String line = said.readLine();
            assertThat(line).as(() -> "its errors: " + errors(writer)).isNotNull();
            logged = Long.parseLong(line.split(" ", -1)[0]);
            unlogged = Long.parseLong(line.split(" ", -1)[1]);
            writer.destroyForcibly();
        }
        writer.waitFor();
        Files.delete(inTheWay);

        LogFixture fixture = new LogFixture(folder);
        fixture.micros.set(4_000_000_000_000_000L);
        fixture.recover(FullDiskMain.config(folder));
        List<Seal> seals = fixture.seals();
        assertThat(unlogged).isPositive();
        assertThat(LogFixture.records(seals)).isEqualTo(logged);
        assertThat(seals.stream().mapToLong(seal -> seal.unlogged().total()).sum())
                .isEqualTo(unlogged);
        assertThat(seals.stream().mapToLong(seal -> seal.unlogged().disk()).sum())
                .isPositive();
        assertThat(seals.stream().mapToLong(seal -> seal.unlogged().lost()).sum())
                .isZero();
        assertThat(LogFixture.sequence(fixture.landing(), seals)).hasSize((int) logged);
    }

    private static String errors(Process process) {
        try {
            return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static boolean mount(Path at) throws InterruptedException {
        try {
            return new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", at.toString())
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
