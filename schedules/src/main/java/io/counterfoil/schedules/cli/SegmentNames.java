package io.counterfoil.schedules.cli;

import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.landing.LandingAddress;
import io.counterfoil.accesslog.landing.SegmentReader;
import io.counterfoil.accesslog.record.Epoch;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.segment.CorruptSegmentException;
import io.counterfoil.jobs.landing.BoundLanding;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.rollup.SegmentKey;
import org.jdbi.v3.core.Jdbi;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

/** Segments as people name them, and where those lie. */
final class SegmentNames {
    private SegmentNames() {}

    static SegmentId parse(String text) {
        try {
            return SegmentId.parse(text);
        } catch (IllegalArgumentException e) {
            throw OperatorException.input("segment is '" + text + "', expected EDGE/EPOCH/STREAM/NUMBER");
        }
    }

    static SegmentKey key(SegmentId id) {
        StreamId stream = id.stream();
        return new SegmentKey(stream.edge(), stream.epoch().toString(), stream.stream(), id.number());
    }

    static SegmentId id(SegmentKey key) {
        return new SegmentId(new StreamId(key.edge(), Epoch.parse(key.epoch()), key.stream()), key.number());
    }

    /** The landing at an address, or the home's; it must be this database's. */
    static Landing landing(Counterfoil root, String address, Jdbi jdbi) {
        String at = Optional.ofNullable(address)
                .orElseGet(() -> root.home().landing().toString());
        try {
            Landing landing = LandingAddress.parse(at).open();
            BoundLanding.check("landing", at, landing::bind, jdbi);
            return landing;
        } catch (IllegalArgumentException e) {
            throw OperatorException.input(String.valueOf(e.getMessage()));
        }
    }

    /** A segment's seal, which must be the one that the ledger's verdict went by. */
    static Seal seal(Landing landing, SegmentId id, String sha256) {
        Seal seal;
        try {
            seal = landing.seal(id);
        } catch (NoSuchFileException e) {
            throw OperatorException.corrupt("segment " + id + " has no seal in the landing: " + e.getMessage()
                    + " is not there; check --landing, or put the seal back from the edge's disk or a backup");
        } catch (IOException e) {
            throw OperatorException.down("segment " + id + ": its seal cannot be read: " + e.getMessage(), e);
        }
        if (!seal.sha256().equals(sha256)) {
            throw OperatorException.corrupt("segment " + id + ": its seal states sha256 " + seal.sha256()
                    + ", the ledger went by a seal that stated " + sha256
                    + "; somebody replaced it, put that one back");
        }
        return seal;
    }

    /** Whether whoever reads the segment finds what was sealed, be it in a copy. */
    static boolean isWhole(Landing landing, Seal seal) {
        try {
            new SegmentReader(landing).read(seal);
            return true;
        } catch (CorruptSegmentException e) {
            return false;
        } catch (IOException e) {
            throw OperatorException.down("segment " + seal.id() + " cannot be read: " + e.getMessage(), e);
        }
    }
}
