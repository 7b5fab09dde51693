package io.counterfoil.schedules.cli;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.report.Report;
import org.jdbi.v3.core.Jdbi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

@Command(name = "export", description = "Data for other systems.", mixinStandardHelpOptions = true)
final class ExportCommand {
    private final Counterfoil root;

    ExportCommand(Counterfoil root) {
        this.root = root;
    }

    @Command(
            name = "usage",
            description = {
                "Hourly usage as CSV, deterministic byte for byte.",
                "A text that a spreadsheet would take for a formula gets a leading apostrophe."
            },
            mixinStandardHelpOptions = true)
    int usage(
            @Option(names = "--from", required = true, paramLabel = "TIME", description = "First hour.") String from,
            @Option(names = "--to", required = true, paramLabel = "TIME", description = "Hour behind the last.")
                    String to,
            @Option(names = "--out", paramLabel = "FILE", description = "Default: standard output.") Path file)
            throws Exception {
        Map<String, String> range = ReportCommand.range(from, to);
        return root.withDatabase(jdbi -> {
            if (file == null) {
                write(jdbi, range, root.out());
            } else {
                replace(file, jdbi, range);
                root.err().println("usage from " + range.get("from") + " to " + range.get("to") + " is in " + file);
            }
            return 0;
        });
    }

    /** Whole or not at all. */
    private static void replace(Path file, Jdbi jdbi, Map<String, String> range) {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            try (OutputStream bytes = Files.newOutputStream(part);
                    PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8)) {
                write(jdbi, range, out);
                if (out.checkError()) {
                    throw new IOException("the disk took no more");
                }
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw OperatorException.input("--out " + file + " cannot be written: " + e.getMessage());
        }
    }

    private static void write(Jdbi jdbi, Map<String, String> range, PrintStream out) {
        Report.named("usage-hourly").run(jdbi, range, new CsvRows(out, true));
        out.flush();
    }
}
