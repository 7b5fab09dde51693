package io.counterfoil.jobs.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.jobs.archive.ArchiveJob;
import io.counterfoil.jobs.archive.ArchiveResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.PrintStream;
import java.util.concurrent.Callable;

@Command(
        name = "archive",
        description = "Write counted segments as Parquet by hour, for good; each is archived once.",
        mixinStandardHelpOptions = true)
final class ArchiveCommand implements Callable<Integer> {
    private final JobSite.Opener opener;
    private final JobCommands.Defaults defaults;
    private final PrintStream out;
    private final PrintStream err;

    @Mixin
    private final LandingOption landing = new LandingOption();

    @Mixin
    private final ArchiveOption archive = new ArchiveOption();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    ArchiveCommand(JobSite.Opener opener, JobCommands.Defaults defaults, PrintStream out, PrintStream err) {
        this.opener = opener;
        this.defaults = defaults;
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() {
        String from = landing.orElse(defaults);
        String to = archive.orElse(defaults);
        ArchiveResult result;
        try (JobSite site = opener.open()) {
            result = new ArchiveJob(site.spark(), from, to, site.databaseUrl(), site.clock())
                    .run(soFar -> err.println(String.format(
                            "archive %d: %,d records of %,d segments so far",
                            soFar.archives(), soFar.records(), soFar.segments())));
        }
        if (json) {
            out.println(new ObjectMapper()
                    .createObjectNode()
                    .put("archives", result.archives())
                    .put("segments", result.segments())
                    .put("records", result.records())
                    .put("files", result.files())
                    .put("bytes", result.bytes()));
        } else if (result.archives() == 0) {
            out.println("nothing new to archive");
        } else {
            out.println(String.format(
                    "archived %,d records of %,d segments in %,d files, %,d bytes",
                    result.records(), result.segments(), result.files(), result.bytes()));
        }
        return 0;
    }
}
