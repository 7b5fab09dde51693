package io.counterfoil.jobs.imports;

import java.util.List;

/** What an import did so far. */
final class ImportCounts {
    private long requests;
    private long rejects;
    private long lines;
    private long leftOut;
    private long segments;
    private long withoutKey;
    private long unknownKey;

    void add(SegmentBuilder segment, List<SegmentSeries.Line> of) {
        requests += segment.records();
        rejects += segment.rejectCount();
        leftOut += of.stream().filter(SegmentSeries.Line::leftOut).count();
        lines += of.size();
        segments++;
    }

    /** Comments alone, which no segment was made of. */
    void passed(long count) {
        lines += count;
    }

    void withoutKey() {
        withoutKey++;
    }

    void unknownKey() {
        unknownKey++;
    }

    long lines() {
        return lines;
    }

    ImportResult result(
            String file, ImportSettings settings, long importedBefore, long unterminated, long createdKeys) {
        return new ImportResult(
                file,
                requests,
                rejects,
                lines - requests - rejects - leftOut,
                leftOut,
                LogFormat.named(settings.format()).leftOut(),
                segments,
                importedBefore,
                unterminated,
                withoutKey,
                unknownKey,
                createdKeys);
    }
}
