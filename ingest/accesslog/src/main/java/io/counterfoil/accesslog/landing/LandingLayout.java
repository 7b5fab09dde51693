package io.counterfoil.accesslog.landing;

import io.counterfoil.accesslog.record.Epoch;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.SealJson;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * How a landing's objects are called, whatever holds them:
 * {@code segments/<edge>/<epoch>/<stream>/<number÷1000>/<number>.csv.zst}, {@code .rejects.csv.zst} and {@code .seal.json}; beside
 * them {@code repair/<edge>/<epoch>/<stream>/<number>.<n>.csv.zst}, the n-th other copy of a segment's data, n from 1 on without
 * holes, and {@code database}.
 */
public final class LandingLayout {
    public static final String SEGMENTS = "segments";
    public static final String REPAIR = "repair";
    public static final String DATABASE = "database";
    public static final String DATA = ".csv.zst";
    public static final String REJECTS = ".rejects.csv.zst";
    public static final String SEAL = ".seal.json";
    public static final int NUMBERS_A_FOLDER = 1000;

    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");

    private LandingLayout() {}

    public static String stream(StreamId stream) {
        return SEGMENTS + "/" + stream.edge() + "/" + stream.epoch() + "/" + stream.stream();
    }

    public static String folder(StreamId stream, long number) {
        return stream(stream) + "/" + number / NUMBERS_A_FOLDER;
    }

    public static String object(SegmentId id, String suffix) {
        return folder(id.stream(), id.number()) + "/" + id.number() + suffix;
    }

    /** The n-th other copy of a segment's data. */
    public static String repair(SegmentId id, int n) {
        StreamId stream = id.stream();
        return REPAIR + "/" + stream.edge() + "/" + stream.epoch() + "/" + stream.stream() + "/" + id.number() + "." + n
                + DATA;
    }

    /** Empty where the names are of another form: Counterfoil did not put that there, and leaves it alone. */
    public static Optional<StreamId> parseStream(String edge, String epoch, String stream) {
        if (number(stream).isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new StreamId(edge, Epoch.parse(epoch), Integer.parseInt(stream)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    public static OptionalLong number(String name) {
        return NUMBER.matcher(name).matches() ? OptionalLong.of(Long.parseLong(name)) : OptionalLong.empty();
    }

    /** The number of the segment whose seal is called so. */
    public static OptionalLong sealed(String name) {
        return name.endsWith(SEAL) ? number(name.substring(0, name.length() - SEAL.length())) : OptionalLong.empty();
    }

    /**
     * Reads a seal.
     *
     * @param object where it lies, for messages
     * @throws IOException where it is none, or another segment's
     */
    public static Seal seal(String object, SegmentId id, byte[] json) throws IOException {
        Seal seal;
        try {
            seal = SealJson.read(json);
        } catch (IOException e) {
            throw new IOException("cannot read " + object + ": " + e.getMessage(), e);
        }
        if (!seal.id().equals(id)) {
            throw new IOException(object + " is the seal of " + seal.id() + ", expected " + id);
        }
        return seal;
    }

    /** For an object that is there with another content than the one to be published. */
    static LandingConflictException conflict(String object) {
        return new LandingConflictException(
                object + " is there with another content; nothing was overwritten. Is its edge's name used twice?");
    }
}
