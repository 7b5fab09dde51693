package io.counterfoil.edge.dataset;

import io.counterfoil.accesslog.file.Digests;
import io.vertx.core.buffer.Buffer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/**
 * One document in the forms it is sent in, made once when it is loaded. Immutable.
 *
 * @param etag a strong validator of the plain form, with its quotes; the gzip form's ends in {@code -gz}
 * @param gzip where that form is smaller by a tenth or more
 */
public record Document(Buffer plain, String etag, Optional<Buffer> gzip) {
    /** Below this a gzip header eats what the compression saves. */
    private static final int MIN_GZIP_BYTES = 256;

    private static final int ETAG_DIGITS = 20;

    static Document of(byte[] json) {
        String etag = Digests.sha256(json).substring(0, ETAG_DIGITS);
        Optional<Buffer> gzip = json.length < MIN_GZIP_BYTES
                ? Optional.empty()
                : Optional.of(gzip(json))
                        .filter(packed -> packed.length < json.length - json.length / 10)
                        .map(Buffer::buffer);
        return new Document(Buffer.buffer(json), "\"" + etag + "\"", gzip);
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream(bytes.length / 2);
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("memory can be written", e);
        }
        return packed.toByteArray();
    }
}
