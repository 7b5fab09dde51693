package io.counterfoil.accesslog.landing;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class S3DocumentsTest {
    private TestS3 s3;

    @BeforeEach
    void start() throws Exception {
        s3 = new TestS3();
    }

    @AfterEach
    void stop() throws Exception {
        s3.close();
    }

    @Test
    void aDocumentIsReplacedAndReadAsItWasPut() throws Exception {
        S3Documents documents = S3Documents.open("s3://" + TestS3.BUCKET + "/edges/", s3.environment());

        assertThat(documents.read("flags")).isEmpty();
        documents.put("flags", bytes("one"), "application/json");
        documents.put("flags", bytes("another"), "application/json");

        assertThat(documents.read("flags")).contains(bytes("another"));
        assertThat(s3.store()
                        .blobMetadata(TestS3.BUCKET, "edges/flags")
                        .getContentMetadata()
                        .getContentType())
                .isEqualTo("application/json");
    }

    @Test
    void aStoreThatIsAwayOrAnAddressThatIsNoneIsTold() throws Exception {
        Map<String, String> environment = s3.environment();
        assertThatThrownBy(() -> S3Documents.open("/a/folder", environment))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("address is '/a/folder', expected s3://bucket");
        assertThatThrownBy(() ->
                        S3Documents.open("s3://not-there", environment).put("flags", bytes("x"), "application/json"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot put s3://not-there/flags");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
