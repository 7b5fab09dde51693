package io.counterfoil.edge.testing;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.SegmentReader;
import io.counterfoil.accesslog.record.LogRecord;
import io.counterfoil.accesslog.record.RecordCursor;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Everything a landing holds, each segment verified against its seal. */
public record LandedLog(List<Seal> seals, List<LogRecord> records) {
    public static LandedLog read(Path folder) throws Exception {
        FolderLanding landing = new FolderLanding(folder);
        SegmentReader reader = new SegmentReader(landing);
        List<Seal> seals = new ArrayList<>();
        List<LogRecord> records = new ArrayList<>();
        for (StreamId stream : landing.streams()) {
            for (Seal seal : landing.sealsAfter(stream, 0, Integer.MAX_VALUE)) {
                seals.add(seal);
                RecordCursor cursor = reader.read(seal).cursor();
                while (cursor.next()) {
                    records.add(cursor.record());
                }
            }
        }
        return new LandedLog(seals, records);
    }

    /** Streams whose last seal says that nothing follows. */
    public long endedStreams() {
        return seals.stream().filter(Seal::endOfStream).count();
    }

    /** Seals that a living process wrote and whose two counts differ; there must be none. */
    public List<Seal> unequal() {
        return seals.stream()
                .filter(seal -> seal.recovery().isEmpty())
                .filter(seal -> seal.served()
                        != seal.records().count() + seal.unlogged().total())
                .toList();
    }
}
