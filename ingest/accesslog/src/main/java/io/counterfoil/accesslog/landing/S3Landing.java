package io.counterfoil.accesslog.landing;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.SealJson;
import software.amazon.awssdk.services.s3.S3Client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A landing in an S3 bucket, laid out as {@link LandingLayout} says. Objects are created with {@code If-None-Match: *}: the store
 * must honour it, as AWS S3 does since August 2024. A segment costs two PUTs. Open one through {@link LandingAddress}.
 */
public final class S3Landing implements Landing {
    private static final String ZSTD = "application/zstd";
    private static final String JSON = "application/json";
    private static final String TEXT = "text/plain";

    private final S3Objects objects;

    S3Landing(S3Client client, String bucket, String prefix) {
        objects = new S3Objects(client, bucket, prefix);
    }

    @Override
    public void publish(Seal seal, byte[] data, Optional<byte[]> rejects) throws IOException, LandingConflictException {
        SegmentId id = seal.id();
        create(LandingLayout.object(id, LandingLayout.DATA), data, seal.sha256());
        if (rejects.isPresent()) {
            create(
                    LandingLayout.object(id, LandingLayout.REJECTS),
                    rejects.get(),
                    seal.source().orElseThrow().rejects().orElseThrow().sha256());
        }
        String name = LandingLayout.object(id, LandingLayout.SEAL);
        byte[] json = SealJson.write(seal);
        if (!objects.create(name, json, JSON) && !Arrays.equals(there(name), json)) {
            throw LandingLayout.conflict(objects.url(name));
        }
    }

    private void create(String name, byte[] compressed, String sha256) throws IOException, LandingConflictException {
        if (objects.create(name, compressed, ZSTD)) {
            return;
        }
        byte[] there = there(name);
        // Compared uncompressed: another zstd version may write other bytes for the same content.
        try {
            if (Digests.sha256(Zstd.decompress(there)).equals(sha256)) {
                return;
            }
        } catch (IOException e) {
            throw new LandingConflictException(
                    objects.url(name) + " is there and cannot be read as zstd: " + e.getMessage());
        }
        throw LandingLayout.conflict(objects.url(name));
    }

    private byte[] there(String name) throws IOException {
        return objects.read(name)
                .orElseThrow(
                        () -> new IOException(objects.url(name) + " was there and is gone; is somebody deleting?"));
    }

    @Override
    public void discardUnsealed(SegmentId id) throws IOException {
        if (objects.read(LandingLayout.object(id, LandingLayout.SEAL)).isEmpty()) {
            objects.delete(LandingLayout.object(id, LandingLayout.DATA));
            objects.delete(LandingLayout.object(id, LandingLayout.REJECTS));
        }
    }

    @Override
    public String bind(String database) throws IOException {
        Optional<byte[]> bound = objects.read(LandingLayout.DATABASE);
        if (bound.isEmpty()) {
            objects.create(LandingLayout.DATABASE, database.getBytes(StandardCharsets.US_ASCII), TEXT);
            bound = Optional.of(there(LandingLayout.DATABASE));
        }
        return new String(bound.get(), StandardCharsets.US_ASCII);
    }

    @Override
    public List<StreamId> streams() throws IOException {
        List<StreamId> streams = new ArrayList<>();
        String root = LandingLayout.SEGMENTS + "/";
        for (String edge : objects.folders(root)) {
            for (String epoch : objects.folders(root + edge + "/")) {
                for (String stream : objects.folders(root + edge + "/" + epoch + "/")) {
                    LandingLayout.parseStream(edge, epoch, stream).ifPresent(streams::add);
                }
            }
        }
        Collections.sort(streams);
        return streams;
    }

    /**
     * Lists from the mark on. In each folder but the first all numbers have as many digits, so that their order is that of their
     * names; numbers have no holes, so that a folder without its last number is the last one.
     */
    @Override
    public List<Seal> sealsAfter(StreamId stream, long mark, int limit) throws IOException {
        List<Seal> seals = new ArrayList<>();
        long next = mark + 1;
        while (seals.size() < limit) {
            String folder = LandingLayout.folder(stream, next) + "/";
            boolean sorted = next >= LandingLayout.NUMBERS_A_FOLDER;
            List<Long> numbers = sealed(folder, sorted ? next + "" : "");
            long last = (next / LandingLayout.NUMBERS_A_FOLDER + 1) * LandingLayout.NUMBERS_A_FOLDER - 1;
            for (long number : numbers) {
                if (number > mark && seals.size() < limit) {
                    seals.add(seal(new SegmentId(stream, number)));
                }
            }
            if (!numbers.contains(last)) {
                return seals;
            }
            next = last + 1;
        }
        return seals;
    }

    private List<Long> sealed(String folder, String after) throws IOException {
        List<Long> numbers = new ArrayList<>();
        for (String name : objects.names(folder, after)) {
            OptionalLong number = LandingLayout.sealed(name);
            number.ifPresent(numbers::add);
        }
        Collections.sort(numbers);
        return numbers;
    }

    @Override
    public Seal seal(SegmentId id) throws IOException {
        String name = LandingLayout.object(id, LandingLayout.SEAL);
        return LandingLayout.seal(objects.url(name), id, there(name));
    }

    @Override
    public Optional<byte[]> data(SegmentId id) throws IOException {
        return objects.read(LandingLayout.object(id, LandingLayout.DATA));
    }

    @Override
    public Optional<byte[]> rejects(SegmentId id) throws IOException {
        return objects.read(LandingLayout.object(id, LandingLayout.REJECTS));
    }

    @Override
    public Optional<byte[]> repair(SegmentId id, int n) throws IOException {
        return objects.read(LandingLayout.repair(id, n));
    }

    @Override
    public boolean createRepair(SegmentId id, int n, byte[] data) throws IOException {
        return objects.create(LandingLayout.repair(id, n), data, ZSTD);
    }
}
