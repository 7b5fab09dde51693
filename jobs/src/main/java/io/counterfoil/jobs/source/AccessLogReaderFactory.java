package io.counterfoil.jobs.source;

import io.counterfoil.jobs.landing.LandingPlace;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.types.StructType;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Travels to executors. */
record AccessLogReaderFactory(LandingPlace landing, StructType columns) implements PartitionReaderFactory {
    private static final long serialVersionUID = 1L;

    @Override
    public PartitionReader<InternalRow> createReader(InputPartition partition) {
        try {
            return new AccessLogPartitionReader(landing.open(), ((AccessLogPartition) partition).segments(), columns);
        } catch (IOException e) {
            throw new UncheckedIOException("landing " + landing + " cannot be reached: " + e.getMessage(), e);
        }
    }
}
