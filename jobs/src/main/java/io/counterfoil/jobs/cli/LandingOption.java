package io.counterfoil.jobs.cli;

import io.counterfoil.sql.OperatorException;
import picocli.CommandLine.Option;

import java.util.Optional;

/** The landing that a job reads. */
final class LandingOption {
    @Option(
            names = "--landing",
            paramLabel = "URI",
            description =
                    "A folder, or any URI that Hadoop knows: hdfs://…, s3a://bucket/prefix. Also COUNTERFOIL_LANDING."
                            + " Default: the home's landing, where there is a home.")
    private String landing;

    String orElse(JobCommands.Defaults defaults) {
        return Optional.ofNullable(landing)
                .or(() -> Optional.ofNullable(System.getenv("COUNTERFOIL_LANDING")))
                .filter(given -> !given.isBlank())
                .or(defaults::landing)
                .orElseThrow(() -> OperatorException.input("no landing is named, expected a folder or a URI that Hadoop"
                        + " knows; pass --landing URI or set COUNTERFOIL_LANDING"));
    }
}
