package io.counterfoil.jobs.push;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.counterfoil.sql.OperatorException;
import org.apache.hc.core5.http.ContentType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A namespace of Workers KV. What its documentation says (November 2026), and this keeps to: a value has at most 25 MiB, a key is written
 * at most once a second, a bulk request has at most 10,000 pairs and 100 MB, and what it could not do stands in {@code
 * unsuccessful_keys}; readers may see the value before for a minute or more.
 */
final class KvTarget implements FlagTarget {
    private static final JsonFactory JSON = new JsonFactory();
    /** A fifth below what KV takes: a document that grows is refused here, with advice, before it is refused there. */
    private static final long MAX_BYTES = 20L << 20;

    private static final int BULK_PAIRS = 10_000;
    private static final int BULK_BYTES = 40 << 20;
    private static final int BULK_ROUNDS = 3;

    private final KvClient client;
    private final KvSettings settings;

    KvTarget(KvSettings settings, KvClient client) {
        this.settings = settings;
        this.client = client;
    }

    /**
     * A pair to be put.
     *
     * @param expiresAt Unix seconds, at least a minute ahead
     */
    @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
    record Pair(String key, byte[] value, OptionalLong expiresAt) {}

    @Override
    public String id() {
        return "kv " + settings;
    }

    @Override
    public Optional<Path> lockFile() {
        return Optional.empty();
    }

    @Override
    public long maxBytes() {
        return MAX_BYTES;
    }

    @Override
    public Optional<byte[]> read(String name) {
        return client.read(path(name));
    }

    private static String path(String key) {
        return "values/" + URLEncoder.encode(key, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public void write(Map<String, byte[]> documents) {
        if (documents.size() == 1) {
            documents.forEach(
                    (name, bytes) -> client.send("PUT", path(name), bytes, ContentType.APPLICATION_OCTET_STREAM));
            return;
        }
        // One request for all that fit: the API takes 1,200 of an account in five minutes.
        put(documents.entrySet().stream()
                .map(each -> new Pair(each.getKey(), each.getValue(), OptionalLong.empty()))
                .toList());
    }

    /** Puts them, each at once, all of them in several requests. */
    void put(List<Pair> pairs) {
        Map<String, Pair> byKey = pairs.stream().collect(Collectors.toMap(Pair::key, Function.identity()));
        List<Pair> part = new ArrayList<>();
        long bytes = 0;
        for (Pair pair : pairs) {
            if (!part.isEmpty() && (part.size() == BULK_PAIRS || bytes + pair.value().length > BULK_BYTES)) {
                bulk("PUT", "bulk", part.stream().map(Pair::key).toList(), keys -> body(keys, byKey));
                part.clear();
                bytes = 0;
            }
            part.add(pair);
            bytes += pair.value().length;
        }
        if (!part.isEmpty()) {
            bulk("PUT", "bulk", part.stream().map(Pair::key).toList(), keys -> body(keys, byKey));
        }
    }

    /** Deletes them; those that are not there too. */
    void delete(List<String> keys) {
        for (int from = 0; from < keys.size(); from += BULK_PAIRS) {
            List<String> part = keys.subList(from, Math.min(keys.size(), from + BULK_PAIRS));
            bulk("POST", "bulk/delete", part, KvTarget::body);
        }
    }

    private void bulk(String method, String path, List<String> keys, Function<List<String>, byte[]> body) {
        List<String> left = keys;
        for (int round = 0; round < BULK_ROUNDS && !left.isEmpty(); round++) {
            left = client.send(method, path, body.apply(left), ContentType.APPLICATION_JSON)
                    .unsuccessfulKeys();
        }
        if (!left.isEmpty()) {
            throw OperatorException.down(
                    "Workers KV at " + settings.api() + " could not do " + path + " of " + left.size() + " of "
                            + keys.size() + " keys in " + BULK_ROUNDS + " rounds; the next run pushes what is missing",
                    null);
        }
    }

    private static byte[] body(List<String> keys, Map<String, Pair> pairs) {
        return json(json -> {
            for (String key : keys) {
                Pair pair = pairs.get(key);
                json.writeStartObject();
                json.writeStringField("key", key);
                json.writeStringField("value", new String(pair.value(), StandardCharsets.UTF_8));
                if (pair.expiresAt().isPresent()) {
                    json.writeNumberField("expiration", pair.expiresAt().getAsLong());
                }
                json.writeEndObject();
            }
        });
    }

    private static byte[] body(List<String> keys) {
        return json(json -> {
            for (String key : keys) {
                json.writeString(key);
            }
        });
    }

    private interface Elements {
        void write(JsonGenerator json) throws IOException;
    }

    private static byte[] json(Elements elements) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartArray();
            elements.write(json);
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    @Override
    public void close() {
        client.close();
    }
}
