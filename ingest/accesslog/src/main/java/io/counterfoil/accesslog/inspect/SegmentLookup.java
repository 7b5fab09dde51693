package io.counterfoil.accesslog.inspect;

import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.landing.Zstd;
import io.counterfoil.accesslog.record.Epoch;
import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.SealJson;
import io.counterfoil.accesslog.segment.CorruptSegmentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds a segment by what an operator names it: an active one's file, a sealed or landed one's {@code .csv.zst}, or
 * {@code edge/epoch/stream/number} in a landing.
 */
public final class SegmentLookup {
    private static final Pattern NAME = Pattern.compile("([^/]+)/([^/]+)/(\\d{1,3})/(\\d{1,18})");
    private static final String DATA = ".csv.zst";
    private static final String ACTIVE = ".csv";
    private static final String SEAL = ".seal.json";
    private static final int NUMBERS_A_FOLDER = 1000;

    private final Landing landing;

    /** @param landing where segments are looked up by name, and the seal before one that is not beside it */
    public SegmentLookup(Landing landing) {
        this.landing = landing;
    }

    /**
     * @throws IllegalArgumentException where the text names nothing that is there
     * @throws CorruptSegmentException where what is there is so damaged that it has no lines
     */
    public InspectedSegment find(String text) throws IOException, CorruptSegmentException {
        Path file = Path.of(text.endsWith(SEAL) ? text.substring(0, text.length() - SEAL.length()) + DATA : text);
        if (Files.isRegularFile(file) && text.endsWith(ACTIVE)) {
            return active(file);
        }
        if (Files.isRegularFile(file) && file.toString().endsWith(DATA)) {
            return sealed(file);
        }
        Matcher name = NAME.matcher(text);
        if (!Files.exists(file) && name.matches()) {
            StreamId stream = new StreamId(name.group(1), Epoch.parse(name.group(2)), Integer.parseInt(name.group(3)));
            return landed(new SegmentId(stream, Long.parseLong(name.group(4))));
        }
        throw new IllegalArgumentException(
                "segment is '" + text + "', expected a file segment-K.csv or NUMBER.csv.zst, or"
                        + " EDGE/EPOCH/STREAM/NUMBER of the landing");
    }

    /** A segment that an edge writes to, or wrote to and has not sealed. */
    static InspectedSegment active(Path file) throws IOException, CorruptSegmentException {
        byte[] bytes = Files.readAllBytes(file);
        int zero = 0;
        while (zero < bytes.length && bytes[zero] != 0) {
            zero++;
        }
        int end = zero;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        // A line that is being written may stand behind the last whole one, body first and not in order.
        OptionalLong stray = OptionalLong.empty();
        for (int i = end + RecordFormat.MAX_LINE_BYTES; i < bytes.length && stray.isEmpty(); i++) {
            stray = bytes[i] == 0 ? stray : OptionalLong.of(i);
        }
        byte[] csv = Arrays.copyOf(bytes, end);
        int header = headerBytes(csv);
        if (header == 0) {
            throw new IllegalArgumentException(file + " holds no segment: it waits for its next use");
        }
        SegmentId id = id(file, csv, header);
        return new InspectedSegment(file.toString(), id, csv, header, Optional.empty(), Optional.empty(), stray);
    }

    private InspectedSegment sealed(Path file) throws IOException, CorruptSegmentException {
        String number = file.getFileName().toString().replace(DATA, "");
        Path sealFile = file.resolveSibling(number + SEAL);
        Optional<Seal> seal = Files.exists(sealFile) ? Optional.of(read(sealFile)) : Optional.empty();
        byte[] compressed = Files.readAllBytes(file);
        if (seal.isEmpty()) {
            byte[] csv = decompress(file.toString(), compressed);
            int header = headerBytes(csv);
            SegmentId id = id(file, csv, header);
            return new InspectedSegment(file.toString(), id, csv, header, seal, Optional.empty(), OptionalLong.empty());
        }
        if (!number.equals(Long.toString(seal.get().id().number()))) {
            throw new CorruptSegmentException(
                    sealFile + " is the seal of " + seal.get().id() + ", expected of number " + number);
        }
        Optional<Seal> previous = previousBeside(file, seal.get().id().number());
        return of(
                file.toString(), seal.get(), compressed, previous.isPresent() ? previous : previousLanded(seal.get()));
    }

    private InspectedSegment landed(SegmentId id) throws IOException, CorruptSegmentException {
        Seal seal =
                seal(id).orElseThrow(() -> new IllegalArgumentException("segment " + id + " is not in the landing"));
        byte[] compressed = landing.data(id)
                .orElseThrow(() -> new CorruptSegmentException(id, "the seal is there, the data is not"));
        return of(id.toString(), seal, compressed, previousLanded(seal));
    }

    private static InspectedSegment of(String name, Seal seal, byte[] compressed, Optional<Seal> previous)
            throws CorruptSegmentException {
        byte[] csv = decompress(name, compressed);
        int header = Math.min(csv.length, RecordFormat.header(seal.id()).length);
        return new InspectedSegment(name, seal.id(), csv, header, Optional.of(seal), previous, OptionalLong.empty());
    }

    private static byte[] decompress(String name, byte[] compressed) throws CorruptSegmentException {
        try {
            return Zstd.decompress(compressed);
        } catch (IOException e) {
            throw new CorruptSegmentException(name + ": " + e.getMessage());
        }
    }

    private static Seal read(Path file) throws IOException, CorruptSegmentException {
        byte[] json = Files.readAllBytes(file);
        try {
            return SealJson.read(json);
        } catch (IOException e) {
            throw new CorruptSegmentException(file + " is no seal: " + e.getMessage());
        }
    }

    private static SegmentId id(Path file, byte[] csv, int header) throws CorruptSegmentException {
        String line = new String(csv, 0, Math.max(0, header - 1), StandardCharsets.ISO_8859_1);
        try {
            return RecordFormat.parseHeader(line);
        } catch (IllegalArgumentException e) {
            throw new CorruptSegmentException(file + ": line 1 is no segment's: " + e.getMessage());
        }
    }

    private static Optional<Seal> previousBeside(Path file, long number) throws IOException, CorruptSegmentException {
        long before = number - 1;
        Path folder = file.toAbsolutePath().getParent();
        Path stream = folder == null ? null : folder.getParent();
        if (stream == null) {
            return Optional.empty();
        }
        Path seal = stream.resolve(Long.toString(before / NUMBERS_A_FOLDER)).resolve(before + SEAL);
        return Files.exists(seal) ? Optional.of(read(seal)) : Optional.empty();
    }

    private Optional<Seal> previousLanded(Seal seal) throws IOException {
        return seal.id().number() == 1
                ? Optional.empty()
                : seal(new SegmentId(seal.id().stream(), seal.id().number() - 1));
    }

    private Optional<Seal> seal(SegmentId id) throws IOException {
        List<Seal> found = landing.sealsAfter(id.stream(), id.number() - 1, 1);
        return found.stream().filter(seal -> seal.id().equals(id)).findFirst();
    }

    /** Bytes of line 1; 0 where there is none. */
    private static int headerBytes(byte[] csv) {
        for (int i = 0; i < csv.length; i++) {
            if (csv[i] == '\n') {
                return i + 1;
            }
        }
        return 0;
    }
}
