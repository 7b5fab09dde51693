package io.counterfoil.edge.dataset;

import io.counterfoil.sql.OperatorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DocumentFilesTest {
    @TempDir
    Path folder;

    @Test
    void servesTheFilesBytesByTheirNames() throws IOException {
        Files.writeString(folder.resolve("a b.json"), "{ \"a\": 1 }\n");
        Files.writeString(folder.resolve("notes.txt"), "no JSON");
        Dataset<Document> dataset = DocumentFiles.load(folder, Optional.empty());
        assertThat(dataset.size()).isEqualTo(1);
        assertThat(dataset.document("a b").orElseThrow().plain().toString()).isEqualTo("{ \"a\": 1 }\n");
        assertThat(dataset.document("notes")).isEmpty();
    }

    @Test
    void namesEveryFileThatIsNoJson() throws IOException {
        Files.writeString(folder.resolve("1.json"), "{\n\"a\": }");
        Files.writeString(folder.resolve("2.json"), "");
        Files.writeString(folder.resolve("3.json"), "{} {}");
        Files.writeString(folder.resolve("4.json"), "[1]");
        assertThatThrownBy(() -> DocumentFiles.load(folder, Optional.empty()))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("1.json:2: is no JSON")
                .hasMessageContaining("2.json: is empty")
                .hasMessageContaining("3.json:1: is no JSON")
                .message()
                .doesNotContain("4.json");
    }
}
