package io.counterfoil.jobs.source;

import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.read.SupportsPushDownRequiredColumns;
import org.apache.spark.sql.connector.read.SupportsPushDownV2Filters;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** Learns which columns are asked for and which times; every condition is checked again on the rows. */
final class AccessLogScanBuilder implements ScanBuilder, SupportsPushDownRequiredColumns, SupportsPushDownV2Filters {
    private final CaseInsensitiveStringMap options;
    private StructType columns = AccessLogColumn.schema();
    private TimeRange times = TimeRange.ALL;

    AccessLogScanBuilder(CaseInsensitiveStringMap options) {
        this.options = options;
    }

    @Override
    public void pruneColumns(StructType required) {
        columns = required;
    }

    @Override
    public Predicate[] pushPredicates(Predicate[] conditions) {
        times = TimeRange.of(conditions);
        return conditions;
    }

    @Override
    public Predicate[] pushedPredicates() {
        return new Predicate[0];
    }

    @Override
    public Scan build() {
        return new AccessLogScan(SparkSession.active(), options, columns, times);
    }
}
