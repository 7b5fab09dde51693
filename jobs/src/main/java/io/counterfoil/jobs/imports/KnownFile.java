package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.record.Epoch;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.SourceRange;
import io.counterfoil.accesslog.seal.SourceRange.Digest;
import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What of a foreign file was imported before. A file is a stream of its own: its epoch's nonce is the head of the fingerprint that
 * it was first imported with, so that two imports of one file can only ever publish the same names.
 *
 * @param last the newest of the file's seals; empty where it was never imported
 * @param first the digests of its first lines, as {@link SourceHead#first} has them; empty in seals of versions that did not keep them
 * @param inode which file it was read from last, as far as that is known
 */
record KnownFile(StreamId stream, Optional<Seal> last, List<String> first, Optional<String> inode) {
    private static final int NONCE_DIGITS = 16;

    /**
     * Finds the file among those of the source.
     *
     * @param fingerprint what it is to be known by from now on, where it is new
     */
    static KnownFile find(FolderLanding landing, String source, SourceHead head, Digest fingerprint)
            throws IOException {
        Optional<KnownFile> best = Optional.empty();
        long bestBytes = 0;
        for (KnownFile file : all(landing, source)) {
            long bytes = file.beginsAs(head, landing);
            if (bytes > bestBytes) {
                best = Optional.of(file);
                bestBytes = bytes;
            }
        }
        return best.orElseGet(() -> nothingOf(newStream(source, fingerprint)));
    }

    /**
     * By how much of its beginning the file was ever known that this one begins with, too. The first seals say all: what a file is
     * known by grows with it, up to a few KiB.
     */
    private long beginsAs(SourceHead head, FolderLanding landing) throws IOException {
        long best = 0;
        for (long number = 1; number < nextNumber(); number++) {
            Digest then = range(landing.seal(new SegmentId(stream, number))).fingerprint();
            best = head.beginsAs(then) ? Math.max(best, then.bytes()) : best;
            if (then.equals(fingerprint())) {
                break;
            }
        }
        return best;
    }

    /** All files of the source, of each the newest seal only. */
    static List<KnownFile> all(FolderLanding landing, String source) throws IOException {
        List<KnownFile> all = new ArrayList<>();
        for (StreamId stream : landing.streams()) {
            if (stream.edge().equals(source)) {
                // One without a seal was killed before its first; nothing of it is known.
                Optional<Seal> last = landing.lastSeal(stream);
                if (last.isPresent()) {
                    all.add(of(last.get(), landing));
                }
            }
        }
        return all;
    }

    /** The first seals have the first lines, as many in each as lie in its range. */
    private static KnownFile of(Seal last, FolderLanding landing) throws IOException {
        StreamId stream = last.id().stream();
        List<String> first = new ArrayList<>();
        for (long number = 1; number <= last.id().number() && first.size() < SourceHead.LINES; number++) {
            List<String> lines = range(landing.seal(new SegmentId(stream, number)))
                    .identity()
                    .lines();
            if (lines.isEmpty()) {
                break;
            }
            first.addAll(lines);
        }
        return new KnownFile(
                stream, Optional.of(last), first, range(last).identity().inode());
    }

    private static KnownFile nothingOf(StreamId stream) {
        return new KnownFile(stream, Optional.empty(), List.of(), Optional.empty());
    }

    /**
     * A file that is new though another one may begin with the very same lines.
     *
     * @param taken the streams of those that are known
     */
    static KnownFile fresh(String source, Digest fingerprint, Set<StreamId> taken) {
        StreamId stream = newStream(source, fingerprint);
        for (int copy = 2; taken.contains(stream); copy++) {
            String name = fingerprint.sha256() + "/" + copy;
            String sha256 = Digests.sha256(name.getBytes(StandardCharsets.US_ASCII));
            stream = newStream(source, new Digest(fingerprint.bytes(), sha256));
        }
        return nothingOf(stream);
    }

    private static StreamId newStream(String source, Digest fingerprint) {
        String nonce = fingerprint.sha256().substring(0, NONCE_DIGITS);
        return new StreamId(source, new Epoch(1, Long.parseUnsignedLong(nonce, 16)), 0);
    }

    /** The same file once this segment is published. */
    KnownFile with(Seal newest) {
        List<String> lines = new ArrayList<>(first);
        lines.addAll(range(newest).identity().lines());
        return new KnownFile(
                stream, Optional.of(newest), lines, range(newest).identity().inode());
    }

    /** The same, no longer in the file that it was read from. */
    KnownFile truncated() {
        return new KnownFile(stream, last, first, Optional.empty());
    }

    /** What the file was known by when its last segment was published. */
    Digest fingerprint() {
        return last.map(seal -> range(seal).fingerprint()).orElse(new Digest(0, ""));
    }

    Optional<String> lastSha256() {
        return last.map(Seal::sha256);
    }

    static SourceRange range(Seal seal) {
        return seal.source()
                .orElseThrow(() -> OperatorException.input(
                        "--source is '" + seal.id().stream().edge() + "', which is an edge's name; choose another"));
    }

    /** Byte position to go on from. */
    long to() {
        return last.map(seal -> range(seal).to()).orElse(0L);
    }

    /** The format that it was imported as. */
    String format() {
        return last.map(seal -> range(seal).format()).orElse("");
    }

    long nextLine() {
        return last.map(seal -> range(seal).firstLine() + range(seal).lines()).orElse(1L);
    }

    long nextSeq() {
        return last.map(seal -> seal.records().lastSeq() + 1).orElse(1L);
    }

    long nextNumber() {
        return last.map(seal -> seal.id().number() + 1).orElse(1L);
    }

    int tailBytes() {
        return last.map(seal -> (int) range(seal).tail().bytes()).orElse(0);
    }

    /** Whether these bytes end where the last import ended. */
    boolean endsWith(byte[] tail) {
        return last.isEmpty()
                || Digests.sha256(tail).equals(range(last.get()).tail().sha256());
    }
}
