package io.counterfoil.accesslog.seal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.accesslog.record.Epoch;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A seal as JSON, {@code format} 1: one flat object, times in UTC microseconds, digests in hex. */
public final class SealJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int FORMAT = 1;

    private SealJson() {}

    public static byte[] write(Seal seal) {
        StreamId stream = seal.id().stream();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("format", FORMAT);
        json.put("edge", stream.edge());
        json.put("epoch", stream.epoch().toString());
        json.put("streams", seal.streams());
        json.put("stream", stream.stream());
        json.put("segment", seal.id().number());
        json.put("first_seq", seal.records().firstSeq());
        json.put("last_seq", seal.records().lastSeq());
        json.put("records", seal.records().count());
        json.put("served", seal.served());
        ObjectNode unlogged = json.putObject("unlogged")
                .put("disk", seal.unlogged().disk())
                .put("no_segment", seal.unlogged().noSegment());
        putIfAny(unlogged, "lost", seal.unlogged().lost());
        json.put("first_ts_us", seal.records().firstMicros());
        json.put("last_ts_us", seal.records().lastMicros());
        json.put("through_us", seal.throughMicros());
        json.put("clock_step_us", seal.clockStepMicros());
        json.put("bytes", seal.bytes());
        json.put("sha256", seal.sha256());
        seal.previousSha256().ifPresent(previous -> json.put("previous_sha256", previous));
        seal.predecessor().ifPresent(predecessor -> {
            ObjectNode node = json.putObject("predecessor");
            node.put("epoch", predecessor.epoch().toString());
            ArrayNode last = node.putArray("last_seqs");
            predecessor.lastSeqs().forEach(last::add);
        });
        json.put("end_of_stream", seal.endOfStream());
        seal.recovery().ifPresent(recovery -> {
            ObjectNode node = json.putObject("recovered")
                    .put("cut_bytes", recovery.cutBytes())
                    .put("loss", recovery.loss());
            putIfAny(node, "forced_lost", recovery.forcedLost());
        });
        seal.source().ifPresent(source -> writeSource(json.putObject("source"), source));
        try {
            return MAPPER.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a seal is always JSON", e);
        }
    }

    /** Left out where it is 0, as in seals of versions that did not know it: sealing again gives the same bytes. */
    private static void putIfAny(ObjectNode json, String field, long value) {
        if (value != 0) {
            json.put(field, value);
        }
    }

    private static void writeSource(ObjectNode json, SourceRange source) {
        json.put("file", source.file());
        json.put("format", source.format());
        digest(json.putObject("fingerprint"), source.fingerprint());
        json.put("from", source.from());
        json.put("to", source.to());
        json.put("first_line", source.firstLine());
        json.put("lines", source.lines());
        json.put("skipped", source.skipped());
        digest(json.putObject("tail"), source.tail());
        source.rejects()
                .ifPresent(rejects -> json.putObject("rejects")
                        .put("count", rejects.count())
                        .put("bytes", rejects.bytes())
                        .put("sha256", rejects.sha256()));
        source.identity().inode().ifPresent(inode -> json.put("inode", inode));
        if (!source.identity().lines().isEmpty()) {
            ArrayNode lines = json.putArray("first_lines");
            source.identity().lines().forEach(lines::add);
        }
        source.collected().ifPresent(collected -> writeCollected(json.putObject("collected"), collected));
    }

    private static void writeCollected(ObjectNode json, CollectedRange collected) {
        ArrayNode batches = json.putArray("batches");
        for (CollectedRange.Batches run : collected.batches()) {
            batches.addObject()
                    .put("instance", run.instance())
                    .put("first", run.first())
                    .put("last", run.last());
        }
        json.put("skew_us", collected.skewMicros());
        json.put("held", collected.held());
    }

    private static void digest(ObjectNode json, SourceRange.Digest digest) {
        json.put("bytes", digest.bytes()).put("sha256", digest.sha256());
    }

    /** @throws IOException where the bytes are not a seal of this format; the message says what is missing or wrong */
    public static Seal read(byte[] bytes) throws IOException {
        JsonNode json = MAPPER.readTree(bytes);
        if (json == null || !json.isObject()) {
            throw new IOException("a seal is a JSON object, this is not");
        }
        long format = number(json, "format");
        if (format != FORMAT) {
            throw new IOException(
                    "seal format is " + format + ", expected " + FORMAT + ": written by a newer version?");
        }
        try {
            return seal(json);
        } catch (IllegalArgumentException e) {
            throw new IOException("the seal contradicts itself: " + e.getMessage(), e);
        }
    }

    private static Seal seal(JsonNode json) throws IOException {
        StreamId stream =
                new StreamId(text(json, "edge"), Epoch.parse(text(json, "epoch")), (int) number(json, "stream"));
        RecordRange records = new RecordRange(
                number(json, "records"),
                number(json, "first_seq"),
                number(json, "last_seq"),
                number(json, "first_ts_us"),
                number(json, "last_ts_us"));
        JsonNode unlogged = required(json, "unlogged");
        return new Seal(
                new SegmentId(stream, number(json, "segment")),
                (int) number(json, "streams"),
                records,
                number(json, "served"),
                new Unlogged(number(unlogged, "disk"), number(unlogged, "no_segment"), numberIfAny(unlogged, "lost")),
                number(json, "through_us"),
                number(json, "clock_step_us"),
                number(json, "bytes"),
                text(json, "sha256"),
                json.has("previous_sha256") ? Optional.of(text(json, "previous_sha256")) : Optional.empty(),
                json.has("predecessor") ? Optional.of(predecessor(json.get("predecessor"))) : Optional.empty(),
                required(json, "end_of_stream").asBoolean(),
                json.has("recovered") ? Optional.of(recovery(json.get("recovered"))) : Optional.empty(),
                json.has("source") ? Optional.of(source(json.get("source"))) : Optional.empty());
    }

    private static Predecessor predecessor(JsonNode json) throws IOException {
        List<Long> lastSeqs = new ArrayList<>();
        required(json, "last_seqs").forEach(seq -> lastSeqs.add(seq.asLong()));
        return new Predecessor(Epoch.parse(text(json, "epoch")), lastSeqs);
    }

    private static Recovery recovery(JsonNode json) throws IOException {
        return new Recovery(number(json, "cut_bytes"), text(json, "loss"), numberIfAny(json, "forced_lost"));
    }

    private static SourceRange source(JsonNode json) throws IOException {
        Optional<SourceRange.Rejects> rejects = Optional.empty();
        if (json.has("rejects")) {
            JsonNode node = json.get("rejects");
            rejects = Optional.of(
                    new SourceRange.Rejects(number(node, "count"), number(node, "bytes"), text(node, "sha256")));
        }
        return new SourceRange(
                text(json, "file"),
                text(json, "format"),
                digest(required(json, "fingerprint")),
                number(json, "from"),
                number(json, "to"),
                number(json, "first_line"),
                number(json, "lines"),
                number(json, "skipped"),
                digest(required(json, "tail")),
                rejects,
                identity(json),
                json.has("collected") ? Optional.of(collected(json.get("collected"))) : Optional.empty());
    }

    private static SourceRange.Identity identity(JsonNode json) {
        List<String> lines = new ArrayList<>();
        json.path("first_lines").forEach(line -> lines.add(line.asText()));
        return new SourceRange.Identity(Optional.ofNullable(json.get("inode")).map(JsonNode::asText), lines);
    }

    private static CollectedRange collected(JsonNode json) throws IOException {
        List<CollectedRange.Batches> batches = new ArrayList<>();
        for (JsonNode run : required(json, "batches")) {
            batches.add(new CollectedRange.Batches(text(run, "instance"), number(run, "first"), number(run, "last")));
        }
        return new CollectedRange(batches, number(json, "skew_us"), number(json, "held"));
    }

    private static SourceRange.Digest digest(JsonNode json) throws IOException {
        return new SourceRange.Digest(number(json, "bytes"), text(json, "sha256"));
    }

    private static JsonNode required(JsonNode json, String field) throws IOException {
        JsonNode value = json.get(field);
        if (value == null || value.isNull()) {
            throw new IOException("the seal has no '" + field + "'");
        }
        return value;
    }

    private static long numberIfAny(JsonNode json, String field) throws IOException {
        return json.has(field) ? number(json, field) : 0;
    }

    private static long number(JsonNode json, String field) throws IOException {
        JsonNode value = required(json, field);
        if (!value.canConvertToLong() || !value.isIntegralNumber()) {
            throw new IOException("the seal's '" + field + "' is " + value + ", expected a whole number");
        }
        return value.asLong();
    }

    private static String text(JsonNode json, String field) throws IOException {
        JsonNode value = required(json, field);
        if (!value.isTextual()) {
            throw new IOException("the seal's '" + field + "' is " + value + ", expected text");
        }
        return value.asText();
    }
}
