package io.counterfoil.jobs.export;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What stands under a name beside what manifest. */
final class NewFileTest {
    @TempDir
    Path folder;

    private WholeFile create(String text) throws Exception {
        return NewFile.create(folder.resolve("events"), out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aManifestOfAFileThatWasTakenAwayDoesNotStandBesideTheNewOne() throws Exception {
        Path file = folder.resolve("events");
        Files.writeString(Manifest.beside(file), "{}");
        create("new");
        assertThat(file).hasContent("new");
        assertThat(Manifest.beside(file)).doesNotExist();
    }

    @Test
    void whatIsThereStaysWithItsManifest() throws Exception {
        Path file = folder.resolve("events");
        Files.writeString(file, "old");
        Files.writeString(Manifest.beside(file), "{}");
        assertThatThrownBy(() -> create("new")).isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> create("older")).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(create("old").bytes()).isEqualTo(3);
        assertThat(file).hasContent("old");
        assertThat(Manifest.beside(file)).hasContent("{}");
        assertThat(folder.toFile().list()).hasSize(2);
    }
}
