package io.counterfoil.jobs.archive;

import java.io.Serializable;

/**
 * A Parquet file that a task wrote.
 *
 * @param path below the archive's root
 * @param hour since 1970, or {@link SortedRecords#UNKNOWN_HOUR}
 * @param digest as {@link RecordFile} has it
 */
record WrittenFile(String path, int hour, long records, long digest, long bytes) implements Serializable {
    private static final long serialVersionUID = 1L;
}
