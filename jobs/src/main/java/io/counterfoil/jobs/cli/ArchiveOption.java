package io.counterfoil.jobs.cli;

import io.counterfoil.sql.OperatorException;
import picocli.CommandLine.Option;

import java.util.Optional;

/** The archive that a job writes or reads. */
final class ArchiveOption {
    @Option(
            names = "--archive",
            paramLabel = "URI",
            description =
                    "Where the Parquet files lie: a folder, or any URI that Hadoop knows. Also COUNTERFOIL_ARCHIVE."
                            + " Default: the home's archive, where there is a home.")
    private String archive;

    String orElse(JobCommands.Defaults defaults) {
        return Optional.ofNullable(archive)
                .or(() -> Optional.ofNullable(System.getenv("COUNTERFOIL_ARCHIVE")))
                .filter(given -> !given.isBlank())
                .or(defaults::archive)
                .orElseThrow(() -> OperatorException.input("no archive is named, expected a folder or a URI that Hadoop"
                        + " knows; pass --archive URI or set COUNTERFOIL_ARCHIVE"));
    }
}
