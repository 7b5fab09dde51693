package io.counterfoil.jobs.source;

import org.apache.spark.sql.connector.read.InputPartition;

import java.util.ArrayList;

/** The segments that one task reads, by name. */
record AccessLogPartition(ArrayList<String> segments) implements InputPartition {
    private static final long serialVersionUID = 1L;
}
