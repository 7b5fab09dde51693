package io.counterfoil.jobs.dispute;

import io.counterfoil.accesslog.landing.LandingReader;
import io.counterfoil.jobs.archive.ArchivedRecords;

import java.util.function.Supplier;

/**
 * Where records lie.
 *
 * @param archive asked for when the landing has not all of an hour: it takes Spark
 */
public record RecordPlaces(LandingReader landing, Supplier<ArchivedRecords> archive) {}
