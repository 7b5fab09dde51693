package io.counterfoil.jobs.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.jobs.archive.AuditJob;
import io.counterfoil.jobs.archive.AuditResult;
import io.counterfoil.jobs.archive.AuditResult.Difference;
import io.counterfoil.sql.OperatorException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.PrintStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

@Command(
        name = "audit",
        description =
                "Count every hour again from the archive and hold it against usage_hourly; ends with 3 where they differ.",
        mixinStandardHelpOptions = true)
final class AuditCommand implements Callable<Integer> {
    private static final List<String> MEASURES = List.of("requests", "units", "bytes_in", "bytes_out", "duration_us");

    private final JobSite.Opener opener;
    private final JobCommands.Defaults defaults;
    private final PrintStream out;

    @Mixin
    private final ArchiveOption archive = new ArchiveOption();

    @Option(names = "--from", paramLabel = "HOUR", description = "From this hour on, as 2026-10-31T13:00:00Z.")
    private Optional<Instant> from = Optional.empty();

    @Option(names = "--to", paramLabel = "HOUR", description = "Before this hour.")
    private Optional<Instant> to = Optional.empty();

    @Option(names = "--all", description = "Also hours that were audited since something was last added to them.")
    private boolean all;

    @Option(names = "--json", description = "Print one JSON object a difference, and one for the whole.")
    private boolean json;

    AuditCommand(JobSite.Opener opener, JobCommands.Defaults defaults, PrintStream out) {
        this.opener = opener;
        this.defaults = defaults;
        this.out = out;
    }

    @Override
    public Integer call() {
        String at = archive.orElse(defaults);
        AuditResult result;
        try (JobSite site = opener.open()) {
            result = new AuditJob(site.spark(), at, site.databaseUrl(), site.clock()).run(from, to, all);
        }
        result.differences().forEach(difference -> out.println(json ? object(difference) : text(difference)));
        if (json) {
            out.println(new ObjectMapper()
                    .createObjectNode()
                    .put("hours", result.hours())
                    .put("records", result.records())
                    .put("differences", result.differences().size()));
        } else if (result.hours() == 0) {
            out.println("nothing to audit: no hour is archived whole that was not audited since");
        } else {
            out.println(String.format(
                    "audited %,d hours, %,d records: %s",
                    result.hours(),
                    result.records(),
                    result.differences().isEmpty()
                            ? "equal to usage_hourly"
                            : result.differences().size() + " differences"));
        }
        return result.differences().isEmpty()
                ? 0
                : OperatorException.corrupt("").exitCode();
    }

    private static ObjectNode object(Difference difference) {
        ObjectNode node = new ObjectMapper()
                .createObjectNode()
                .put("hour", difference.hour().toString())
                .put("key_id", difference.keyId())
                .put("route", difference.route())
                .put("outcome", difference.outcome());
        for (int i = 0; i < MEASURES.size(); i++) {
            node.put(MEASURES.get(i) + "_archived", difference.archived().get(i));
            node.put(MEASURES.get(i) + "_counted", difference.counted().get(i));
        }
        return node;
    }

    private static String text(Difference difference) {
        StringBuilder line = new StringBuilder("DIFFERENCE " + difference.hour() + " key " + difference.keyId()
                + " route " + difference.route() + " " + difference.outcome() + ":");
        for (int i = 0; i < MEASURES.size(); i++) {
            long archived = difference.archived().get(i);
            long counted = difference.counted().get(i);
            if (archived != counted) {
                line.append(String.format(" %s archived %d, counted %d;", MEASURES.get(i), archived, counted));
            }
        }
        return line.toString();
    }
}
