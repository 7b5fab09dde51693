package io.counterfoil.accesslog.log;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.accesslog.record.Epoch;
import io.counterfoil.accesslog.seal.Predecessor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The epoch that a data folder is in, persisted before its first record.
 *
 * @param streams how many streams the epoch has
 * @param bootId the kernel's id of the boot it began in: another one later means that the machine went down in between
 * @param predecessor the epoch before it, as far as known; its seals say so even where a later process writes them
 */
record EpochFile(String edge, Epoch epoch, int streams, String bootId, Optional<Predecessor> predecessor) {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String NAME = "epoch.json";
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    static Optional<EpochFile> read(Path folder) throws IOException {
        Path file = folder.resolve(NAME);
        try {
            JsonNode json = MAPPER.readTree(Files.readAllBytes(file));
            if (json.path("streams").asInt() < 1) {
                throw new IllegalArgumentException(
                        "field 'streams' is '" + json.path("streams").asText() + "', expected 1 or more");
            }
            return Optional.of(new EpochFile(
                    json.path("edge").asText(),
                    Epoch.parse(json.path("epoch").asText()),
                    json.path("streams").asInt(),
                    json.path("boot_id").asText(),
                    predecessor(json.path("predecessor"))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new CorruptFolderException(file + " is not as an edge wrote it: " + e.getMessage(), e);
        }
    }

    private static Optional<Predecessor> predecessor(JsonNode json) {
        if (json.isMissingNode()) {
            return Optional.empty();
        }
        List<Long> lastSeqs = new ArrayList<>();
        json.path("last_seqs").forEach(seq -> lastSeqs.add(seq.asLong()));
        return Optional.of(new Predecessor(Epoch.parse(json.path("epoch").asText()), lastSeqs));
    }

    void write(Path folder) throws IOException {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("edge", edge)
                .put("epoch", epoch.toString())
                .put("streams", streams)
                .put("boot_id", bootId);
        predecessor.ifPresent(before -> {
            ArrayNode lastSeqs = json.putObject("predecessor")
                    .put("epoch", before.epoch().toString())
                    .putArray("last_seqs");
            before.lastSeqs().forEach(lastSeqs::add);
        });
        DurableFiles.replace(folder.resolve(NAME), MAPPER.writeValueAsBytes(json));
    }

    /** Empty text where the system has none; then no two starts are known to be of one boot. */
    static String currentBootId() throws IOException {
        return Files.isReadable(BOOT_ID)
                ? Files.readString(BOOT_ID, StandardCharsets.US_ASCII).strip()
                : "";
    }

    /** Whether the machine has been down since: then what was not forced may be gone. */
    boolean machineDied() throws IOException {
        return bootId.isEmpty() || !bootId.equals(currentBootId());
    }
}
