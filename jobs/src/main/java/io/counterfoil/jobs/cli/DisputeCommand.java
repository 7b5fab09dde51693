package io.counterfoil.jobs.cli;

import io.counterfoil.jobs.archive.ArchivedRecords;
import io.counterfoil.jobs.dispute.DisputeJob;
import io.counterfoil.jobs.dispute.Disputed;
import io.counterfoil.jobs.dispute.RecordPlaces;
import io.counterfoil.jobs.landing.BoundLanding;
import io.counterfoil.jobs.landing.LandingPlace;
import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.OperatorException;
import org.apache.hadoop.conf.Configuration;
import org.jdbi.v3.core.Jdbi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;

@Command(
        name = "dispute",
        description = {
            "Write one CSV file that shows a customer how a bill came about: lines, rates, hours, and the log's records.",
            "Of a final invoice, or of a key's hour. Records that retention took from the landing come from the archive.",
            "Exit code 3 where sums are not equal; the file says which."
        },
        mixinStandardHelpOptions = true)
final class DisputeCommand implements Callable<Integer> {
    private final JobSite.Opener opener;
    private final JobCommands.Defaults defaults;
    private final PrintStream out;

    @Option(names = "--invoice", paramLabel = "NUMBER", description = "A final invoice's.")
    private Optional<Long> invoice = Optional.empty();

    @Option(names = "--key", paramLabel = "LABEL", description = "A key's label; goes with --hour.")
    private Optional<String> key = Optional.empty();

    @Option(names = "--hour", paramLabel = "TIME", description = "As 2026-10-03T05:00:00Z.")
    private Optional<String> hour = Optional.empty();

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "Replaced where it is there.")
    private Path file;

    @Option(names = "--no-records", description = "Stop at the hours; needs no landing.")
    private boolean noRecords;

    @Mixin
    private final LandingOption landing = new LandingOption();

    @Mixin
    private final ArchiveOption archive = new ArchiveOption();

    DisputeCommand(JobSite.Opener opener, JobCommands.Defaults defaults, PrintStream out) {
        this.opener = opener;
        this.defaults = defaults;
        this.out = out;
    }

    @Override
    public Integer call() {
        if (invoice.isPresent() == key.isPresent() || key.isPresent() != hour.isPresent()) {
            throw OperatorException.input("expected --invoice NUMBER, or --key LABEL and --hour TIME, and not both");
        }
        Optional<Instant> at = hour.map(DisputeCommand::time);
        Optional<String> from = noRecords ? Optional.empty() : Optional.of(landing.orElse(defaults));
        try (JobSite site = opener.open()) {
            Jdbi jdbi = DatabaseAccess.jdbi(DatabaseAccess.dataSource(site.databaseUrl()));
            DisputeJob job = new DisputeJob(jdbi, from.map(address -> places(address, site, jdbi)));
            Disputed disputed = invoice.map(number -> job.invoice(number, file))
                    .orElseGet(() -> job.hour(key.orElseThrow(), at.orElseThrow(), file));
            tell(disputed);
        }
        return 0;
    }

    private static Instant time(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw OperatorException.input(
                    "--hour is '" + text + "', expected the beginning of a UTC hour, as 2026-10-03T05:00:00Z");
        }
    }

    private RecordPlaces places(String address, JobSite site, Jdbi jdbi) {
        // A folder needs nothing of Spark's, which takes seconds to start.
        boolean folder = !address.matches("[A-Za-z][A-Za-z0-9+.-]*://.*");
        LandingPlace place = LandingPlace.of(
                address,
                folder ? new Configuration() : site.spark().sessionState().newHadoopConf());
        BoundLanding.check("landing", address, database -> bound(place, address), jdbi);
        try {
            return new RecordPlaces(place.open(), () -> new ArchivedRecords(site.spark(), archive.orElse(defaults)));
        } catch (IOException e) {
            throw OperatorException.down("landing " + address + " cannot be reached: " + e.getMessage(), e);
        }
    }

    /** Nothing is bound here: where no database is named, nothing that was counted ever lay. */
    private static String bound(LandingPlace place, String address) throws IOException {
        return place.bound()
                .orElseThrow(
                        () -> OperatorException.input(
                                "landing " + address
                                        + " is bound to no database, expected the one that was counted; check --landing, or pass --no-records"));
    }

    private void tell(Disputed disputed) {
        out.println(String.format(
                Locale.ROOT,
                "%s: %,d lines, hours: %,d, records: %,d; %s",
                file,
                disputed.lines(),
                disputed.hours(),
                disputed.records(),
                disputed.differences() == 0 ? "all sums are equal" : "NOT all sums are equal"));
        out.flush();
        if (disputed.differences() > 0) {
            throw OperatorException.corrupt(disputed.differences() + " checks of " + file + " differ, expected none"
                    + (disputed.notFound() > 0
                            ? "; the records of " + disputed.notFound()
                                    + " requests are neither in the landing nor in the archive"
                            : "")
                    + "; first: " + String.join("; ", disputed.first())
                    + ". See 'counterfoil invoice explain' and 'counterfoil job audit' before it is sent");
        }
    }
}
