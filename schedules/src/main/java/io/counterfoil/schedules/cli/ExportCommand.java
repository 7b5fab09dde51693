package io.counterfoil.schedules.cli;

import io.counterfoil.jobs.export.ExportFormat;
import io.counterfoil.jobs.export.Manifest;
import io.counterfoil.jobs.export.UsageExportJob;
import io.counterfoil.jobs.export.UsageRange;
import io.counterfoil.sql.export.UsageExportStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.Optional;

@Command(
        name = "export",
        description = "Data for other systems, the same byte for byte as long as the data is.",
        mixinStandardHelpOptions = true)
final class ExportCommand {
    private static final long CHECKPOINT_BYTES = 16L << 20;

    private final Counterfoil root;

    ExportCommand(Counterfoil root) {
        this.root = root;
    }

    @Command(
            name = "usage",
            description = {
                "Usage by hour, account, key, route and outcome.",
                "As CSV, a text that a spreadsheet would take for a formula gets an apostrophe. A file gets a manifest"
                        + " beside it: rows, totals, sha256. A run that was killed goes on when it is started again."
            },
            mixinStandardHelpOptions = true)
    int usage(
            @Option(names = "--from", required = true, paramLabel = "TIME", description = "First hour.") String from,
            @Option(names = "--to", required = true, paramLabel = "TIME", description = "Hour behind the last.")
                    String to,
            @Option(
                            names = "--out",
                            paramLabel = "FILE",
                            description = "Default, and -: standard output, without a manifest.")
                    Path file,
            @Option(
                            names = "--format",
                            defaultValue = "csv",
                            paramLabel = "F",
                            description = "csv, parquet or jsonl. Default: csv.")
                    String form)
            throws Exception {
        ExportFormat format = ExportFormat.named(form);
        UsageRange range = new UsageRange(Times.instant("--from", from), Times.instant("--to", to));
        Optional<Path> target =
                Optional.ofNullable(file).filter(path -> !path.toString().equals("-"));
        return root.withDatabase(jdbi -> {
            UsageExportJob job = new UsageExportJob(new UsageExportStore(jdbi), Version.number(), CHECKPOINT_BYTES);
            if (target.isEmpty()) {
                job.stream(range, format, root.out());
            } else {
                Manifest manifest = job.write(
                        range, format, target.get(), line -> root.err().println("usage: " + line));
                root.err()
                        .println("usage from " + range.from() + " to " + range.to() + " is in " + target.get() + ": "
                                + manifest.rows() + " rows, sha256 "
                                + manifest.file().sha256());
            }
            return 0;
        });
    }
}
