package io.counterfoil.jobs.push;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.sql.push.OverLimit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * {@code counterfoil-flags/1}: JSON by the SHA-256 of keys' texts, in order of these. Of several documents a key's is told by the top
 * bits of its hash:
 *
 * <pre>
 * {"format":"counterfoil-flags/1","version":123,"shard":0,"shards":1,"flags":{"&lt;64 hex digits&gt;":[
 *   {"action":"refuse","window":"hour","measure":"requests","quota":1000,"used":1003,"as_of":1764140000,"resets_at":1764140400}]}}
 * </pre>
 *
 * <p>A limit of the key's whole account has {@code "scope":"account"} too.
 */
final class JsonFlags implements FlagFormat {
    static final String HEAD = "{\"format\":\"counterfoil-flags/1\",\"version\":";
    static final int MAX_SHARDS = 256;

    private static final JsonFactory JSON = new JsonFactory();
    private static final int HEX = 16;
    /** With the version. */
    private static final int HEAD_BYTES = 64;
    /** Entries are not all of one length. */
    private static final double ROOM = 0.99;

    private final String name;
    private final int shards;
    private final long maxBytes;

    /**
     * @param name of the one document; of several, what stands before {@code .0}, {@code .1} …
     * @param shards 1, 2, 4 … 256
     * @param maxBytes of a document
     */
    JsonFlags(String name, int shards, long maxBytes) {
        if (Integer.bitCount(shards) != 1 || shards > MAX_SHARDS) {
            throw new IllegalArgumentException("shards are " + shards);
        }
        this.name = name;
        this.shards = shards;
        this.maxBytes = maxBytes;
    }

    @Override
    public List<FlagText> of(List<OverLimit> limits) {
        List<SortedMap<String, List<OverLimit>>> parts = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
            parts.add(new TreeMap<>());
        }
        byHash(limits).forEach((hash, flags) -> parts.get(shard(hash)).put(hash, flags));
        List<FlagText> texts = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
            texts.add(text(shard, parts.get(shard)));
        }
        return texts;
    }

    /** Keys without a hash are left out. */
    static SortedMap<String, List<OverLimit>> byHash(List<OverLimit> limits) {
        SortedMap<String, List<OverLimit>> byHash = new TreeMap<>();
        limits.forEach(limit -> limit.sha256()
                .ifPresent(hash ->
                        byHash.computeIfAbsent(hash, key -> new ArrayList<>()).add(limit)));
        return byHash;
    }

    private int shard(String hash) {
        return Integer.parseInt(hash.substring(0, 2), HEX) * shards / MAX_SHARDS;
    }

    /** As many keys as there is room for: those of a document that is too large and the one before must not be refused for ever. */
    private FlagText text(int shard, SortedMap<String, List<OverLimit>> flags) {
        String called = shards == 1 ? name : name + "." + shard;
        Map<String, List<OverLimit>> kept = flags;
        byte[] tail = tail(shard, kept, true);
        while (tail.length + HEAD_BYTES > maxBytes) {
            kept = first(kept, (int) (kept.size() * (double) (maxBytes - HEAD_BYTES) / tail.length * ROOM));
            tail = tail(shard, kept, true);
        }
        return new FlagText(
                called,
                kept.size(),
                fault(called, kept.size(), flags.size()),
                HEAD,
                tail,
                Digests.sha256(tail(shard, kept, false)));
    }

    private static Map<String, List<OverLimit>> first(Map<String, List<OverLimit>> flags, int count) {
        Map<String, List<OverLimit>> first = new LinkedHashMap<>();
        flags.entrySet().stream().limit(count).forEach(each -> first.put(each.getKey(), each.getValue()));
        return first;
    }

    private Optional<String> fault(String document, int kept, int all) {
        return kept == all
                ? Optional.empty()
                : Optional.of(String.format(
                        "document %s has room for %,d of %,d keys, expected at most %,d bytes: the others are not refused or"
                                + " warned; use more documents (--shards 1, 2, 4 … 256, at most), after its readers were told of them",
                        document, kept, all, maxBytes));
    }

    private byte[] tail(int shard, Map<String, List<OverLimit>> flags, boolean figures) {
        return tail(json -> {
            json.writeNumberField("shard", shard);
            json.writeNumberField("shards", shards);
            json.writeObjectFieldStart("flags");
            for (Map.Entry<String, List<OverLimit>> each : flags.entrySet()) {
                json.writeArrayFieldStart(each.getKey());
                write(json, each.getValue(), figures);
                json.writeEndArray();
            }
            json.writeEndObject();
        });
    }

    /** The document of one key alone, whose hash is in its name. */
    static FlagText ofKey(String name, List<OverLimit> flags) {
        return new FlagText(name, 1, Optional.empty(), HEAD, ofKey(flags, true), Digests.sha256(ofKey(flags, false)));
    }

    private static byte[] ofKey(List<OverLimit> flags, boolean figures) {
        return tail(json -> {
            json.writeArrayFieldStart("flags");
            write(json, flags, figures);
            json.writeEndArray();
        });
    }

    private interface Content {
        void write(JsonGenerator json) throws IOException;
    }

    /** What stands behind the version of an object that began before it. */
    private static byte[] tail(Content content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            content.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // The brace is the head's.
        byte[] object = bytes.toByteArray();
        object[0] = ',';
        return object;
    }

    private static void write(JsonGenerator json, List<OverLimit> flags, boolean figures) throws IOException {
        for (OverLimit flag : flags) {
            json.writeStartObject();
            json.writeStringField("action", flag.action());
            if (!flag.scope().equals("key")) {
                json.writeStringField("scope", flag.scope());
            }
            json.writeStringField("window", flag.window());
            json.writeStringField("measure", flag.measure());
            json.writeNumberField("quota", flag.quota());
            if (figures) {
                json.writeNumberField("used", flag.used());
                json.writeNumberField("as_of", flag.asOf().getEpochSecond());
            }
            json.writeNumberField("resets_at", flag.resetsAt().getEpochSecond());
            json.writeEndObject();
        }
    }
}
