package io.counterfoil.schedules.cli;

import io.counterfoil.jobs.export.ExportFormat;
import io.counterfoil.jobs.export.InvoiceExportJob;
import io.counterfoil.jobs.export.InvoicePage;
import io.counterfoil.jobs.export.Manifest;
import io.counterfoil.jobs.export.StripeExportJob;
import io.counterfoil.jobs.export.UsageExportJob;
import io.counterfoil.jobs.export.UsageRange;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.export.InvoiceExportStore;
import io.counterfoil.sql.export.ShownInvoice;
import io.counterfoil.sql.export.StripeStore;
import io.counterfoil.sql.export.UsageExportStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.time.YearMonth;
import java.util.List;
import java.util.Optional;

@Command(
        name = "export",
        description = "Data for other systems, the same byte for byte as long as the data is.",
        mixinStandardHelpOptions = true)
final class ExportCommand {
    private static final String OUT = "Default, and -: standard output, without a manifest.";
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
            @Option(names = "--out", paramLabel = "FILE", description = OUT) Path file,
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

    @Command(
            name = "invoices",
            description = "Final invoices and credits of a month as CSV, with a manifest beside it.",
            mixinStandardHelpOptions = true)
    int invoices(@Mixin PeriodOption period, @Option(names = "--out", paramLabel = "FILE", description = OUT) Path file)
            throws Exception {
        return invoices(InvoiceExportJob.What.INVOICES, period, file);
    }

    @Command(
            name = "invoice-lines",
            description = "The lines of a month's final invoices and credits as CSV, with a manifest beside it.",
            mixinStandardHelpOptions = true)
    int invoiceLines(
            @Mixin PeriodOption period, @Option(names = "--out", paramLabel = "FILE", description = OUT) Path file)
            throws Exception {
        return invoices(InvoiceExportJob.What.INVOICE_LINES, period, file);
    }

    private int invoices(InvoiceExportJob.What what, PeriodOption period, Path file) throws Exception {
        YearMonth month = period.month();
        Optional<Path> target = file(file);
        return root.withDatabase(jdbi -> {
            InvoiceExportJob job = new InvoiceExportJob(new InvoiceExportStore(jdbi), Version.number());
            if (target.isEmpty()) {
                job.stream(what, month, root.out());
            } else {
                Manifest manifest = job.write(what, month, target.get());
                root.err()
                        .println(manifest.what() + " of " + month + " are in " + target.get() + ": " + manifest.rows()
                                + " rows, " + manifest.totals());
            }
            return 0;
        });
    }

    @Command(
            name = "invoice-html",
            description = "A final invoice or credit as one page, to be read, printed and mailed.",
            mixinStandardHelpOptions = true)
    int invoiceHtml(
            @Parameters(paramLabel = "NUMBER", description = "The invoice's.") long number,
            @Option(names = "--out", paramLabel = "FILE", description = "Default, and -: standard output.") Path file)
            throws Exception {
        return root.withDatabase(jdbi -> {
            InvoiceExportStore store = new InvoiceExportStore(jdbi);
            ShownInvoice invoice = store.find(number)
                    .orElseThrow(() -> OperatorException.input(
                            "invoice is " + number + ", expected the number of a final one: counterfoil invoice list"));
            Optional<Path> target = file(file);
            if (target.isEmpty()) {
                root.out().writeBytes(InvoicePage.of(invoice));
                root.out().flush();
            } else {
                new InvoiceExportJob(store, Version.number()).page(invoice, target.get());
            }
            return 0;
        });
    }

    @Command(
            name = "stripe",
            description = {
                "Billable usage as Stripe's billing meter events, a JSON object a line: only what was not sent before.",
                "What is written counts as sent. What Stripe would not take is refused by name, and the exit code is 2."
                        + " Of a run that did not end, the next one names the batch: --again writes it."
            },
            mixinStandardHelpOptions = true)
    int stripe(
            @Option(names = "--from", paramLabel = "TIME", description = "First hour.") String from,
            @Option(names = "--to", paramLabel = "TIME", description = "Hour behind the last.") String to,
            @Option(
                            names = "--meter",
                            paramLabel = "MEASURE=EVENT",
                            description =
                                    "requests, units or bytes_out, and the meter's event name at Stripe. Repeatable."
                                            + " Default: requests=api_requests.")
                    List<String> meters,
            @Option(
                            names = "--again",
                            paramLabel = "BATCH",
                            description = "Write this batch's file, the same bytes again, instead of sending anything.")
                    Long again,
            @Option(names = "--out", required = true, paramLabel = "FILE", description = "A new file.") Path file)
            throws Exception {
        if (again == null ? from == null || to == null : from != null || to != null || meters != null) {
            throw OperatorException.input(
                    "expected --from and --to, and --meter if need be, or --again BATCH without any of them: a batch's"
                            + " hours and meters are fixed");
        }
        if (file.toString().equals("-")) {
            throw OperatorException.input(
                    "--out is -, expected a file's name: what is sent now is not sent again, so it"
                            + " is kept until Stripe took it");
        }
        List<StripeStore.Meter> named = StripeMeters.read(meters == null ? List.of("requests=api_requests") : meters);
        Optional<UsageRange> range = again != null
                ? Optional.empty()
                : Optional.of(new UsageRange(Times.instant("--from", from), Times.instant("--to", to)));
        return root.withDatabase(jdbi -> {
            StripeExportJob job = new StripeExportJob(new StripeStore(jdbi), root.clock(), Version.number());
            StripeExportJob.Result result =
                    range.isPresent() ? job.send(named, range.get(), file) : job.again(again, file);
            result.batch()
                    .ifPresentOrElse(
                            batch -> root.err()
                                    .println("batch " + batch.number() + ", hours from " + batch.from() + " to "
                                            + batch.to() + ": " + batch.events() + " events are in " + file),
                            () -> root.err().println("nothing is due"));
            result.refused().forEach(line -> root.err().println("refused: " + line));
            if (!result.refused().isEmpty()) {
                throw OperatorException.input("usage was refused: "
                        + result.refused().size()
                        + " lines above name it, and the manifest; it does not count as sent. All else is in " + file);
            }
            return 0;
        });
    }

    private static Optional<Path> file(Path file) {
        return Optional.ofNullable(file).filter(path -> !path.toString().equals("-"));
    }
}
