package io.counterfoil.jobs.source;

import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

import java.util.Set;

final class AccessLogTable implements SupportsRead {
    @Override
    public String name() {
        return AccessLogSource.NAME;
    }

    @Override
    @SuppressWarnings("deprecation") // Of columns() would be made the same.
    public StructType schema() {
        return AccessLogColumn.schema();
    }

    @Override
    public Set<TableCapability> capabilities() {
        return Set.of(TableCapability.BATCH_READ);
    }

    @Override
    public ScanBuilder newScanBuilder(CaseInsensitiveStringMap options) {
        return new AccessLogScanBuilder(options);
    }
}
