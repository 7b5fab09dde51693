package io.counterfoil.jobs.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.jobs.archive.RetainJob;
import io.counterfoil.sql.OperatorException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

@Command(
        name = "retain",
        description = "Delete segments from the landing that are counted, archived, audited, and old enough.",
        mixinStandardHelpOptions = true)
final class RetainCommand implements Callable<Integer> {
    private static final Pattern DAYS = Pattern.compile("(\\d{1,5})d");

    private final JobSite.Opener opener;
    private final JobCommands.Defaults defaults;
    private final PrintStream out;

    @Mixin
    private final LandingOption landing = new LandingOption();

    @Option(
            names = "--older-than",
            required = true,
            paramLabel = "DAYS",
            description = "How long ago they must have been counted, as 30d.")
    private String olderThan;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    RetainCommand(JobSite.Opener opener, JobCommands.Defaults defaults, PrintStream out) {
        this.opener = opener;
        this.defaults = defaults;
        this.out = out;
    }

    @Override
    public Integer call() {
        Matcher days = DAYS.matcher(olderThan);
        if (!days.matches()) {
            throw OperatorException.input("--older-than is '" + olderThan + "', expected days, as 30d");
        }
        String from = landing.orElse(defaults);
        long deleted;
        try (JobSite site = opener.open()) {
            deleted = new RetainJob(site.spark().sessionState().newHadoopConf(), from, site.databaseUrl(), site.clock())
                    .run(Duration.ofDays(Long.parseLong(days.group(1))));
        }
        out.println(
                json
                        ? new ObjectMapper()
                                .createObjectNode()
                                .put("segments", deleted)
                                .toString()
                        : deleted == 0 ? "nothing to delete" : String.format("deleted %,d segments", deleted));
        return 0;
    }
}
