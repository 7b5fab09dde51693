package io.counterfoil.jobs.archive;

/**
 * What a run archived.
 *
 * @param bytes of the Parquet files
 */
public record ArchiveResult(int archives, long segments, long records, long files, long bytes) {
    static final ArchiveResult NOTHING = new ArchiveResult(0, 0, 0, 0, 0);

    ArchiveResult plus(ArchiveResult other) {
        return new ArchiveResult(
                archives + other.archives,
                segments + other.segments,
                records + other.records,
                files + other.files,
                bytes + other.bytes);
    }
}
