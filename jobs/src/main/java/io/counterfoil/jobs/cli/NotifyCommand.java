package io.counterfoil.jobs.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.jobs.notify.NotifyJob;
import io.counterfoil.jobs.notify.NotifyResult;
import io.counterfoil.jobs.notify.NotifySettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

@Command(
        name = "notify",
        description = {
            "Deliver notices of crossed thresholds by webhook and mail, until none is due.",
            "What a receiver does not take is tried again by later runs, for three days: this ends with 0 all the same."
        },
        footer = {
            "",
            "Environment: COUNTERFOIL_WEBHOOK_KEY (base64 of 32 bytes or more; default: that of the home, where there is one),",
            "COUNTERFOIL_SMTP_URL (smtp[s]://USER:PASSWORD@HOST:PORT), COUNTERFOIL_MAIL_FROM, COUNTERFOIL_WEBHOOK_ALLOW"
        },
        mixinStandardHelpOptions = true)
final class NotifyCommand implements Callable<Integer> {
    private final JobSite.Opener opener;
    private final JobCommands.Defaults defaults;
    private final PrintStream out;
    private final PrintStream err;

    @Option(
            names = "--allow-address",
            paramLabel = "CIDR",
            description =
                    "Send webhooks to these addresses too, though they are private, and by http; several times for"
                            + " several. Also COUNTERFOIL_WEBHOOK_ALLOW, separated by commas. Default: none.")
    private final List<String> allow = new ArrayList<>();

    @Option(
            names = "--mail-from",
            paramLabel = "ADDRESS",
            description = "The sender of mail. Also COUNTERFOIL_MAIL_FROM.")
    private String mailFrom;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    NotifyCommand(JobSite.Opener opener, JobCommands.Defaults defaults, PrintStream out, PrintStream err) {
        this.opener = opener;
        this.defaults = defaults;
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() {
        NotifySettings settings =
                NotifySettings.of(System.getenv(), allow, Optional.ofNullable(mailFrom), defaults.webhookKey());
        NotifyResult result;
        try (JobSite site = opener.open();
                NotifyJob job = new NotifyJob(settings, site.databaseUrl(), site.clock())) {
            result = job.run();
        }
        out.println(
                json
                        ? new ObjectMapper()
                                .createObjectNode()
                                .put("delivered", result.delivered())
                                .put("failed", result.failed())
                                .put("dead", result.dead())
                                .toString()
                        : result);
        result.waiting().forEach(err::println);
        return 0;
    }
}
