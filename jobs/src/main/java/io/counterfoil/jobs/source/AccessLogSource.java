package io.counterfoil.jobs.source;

import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableProvider;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

import java.util.Map;

/**
 * A landing's sealed segments as a table: {@code spark.read().format("access-log").load("s3a://bucket/landing")}. A row a record, with
 * the columns of {@link AccessLogColumn}. Nothing of a segment is seen before all of it is verified against its seal; one that is
 * not what was sealed fails the query and says which.
 *
 * <p>Only asked-for columns are read, and only segments whose seals' times a condition on {@code hour} or {@code ts_us} lets
 * through. The option {@code segments} (names as {@code edge/epoch/stream/number}, one a line) reads those alone, without a listing.
 */
public final class AccessLogSource implements TableProvider, DataSourceRegister {
    static final String NAME = "access-log";

    @Override
    public String shortName() {
        return NAME;
    }

    @Override
    public StructType inferSchema(CaseInsensitiveStringMap options) {
        return AccessLogColumn.schema();
    }

    @Override
    public Table getTable(StructType schema, Transform[] partitioning, Map<String, String> properties) {
        return new AccessLogTable();
    }
}
