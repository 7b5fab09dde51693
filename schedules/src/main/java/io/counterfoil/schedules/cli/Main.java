package io.counterfoil.schedules.cli;

import io.counterfoil.jobs.cli.CommandRun;
import picocli.CommandLine;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The command line's process. */
public final class Main {
    private Main() {}

    /** Runs one command and exits with its code. */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        int code = run(out, err, arguments);
        out.flush();
        System.exit(code);
    }

    /** Runs one command in this process; returns the exit code. */
    public static int run(PrintStream out, PrintStream err, String... arguments) {
        Counterfoil root = new Counterfoil(out, err);
        CommandLine line = new CommandLine(root)
                .addSubcommand("demo", new DemoCommand(root))
                .addSubcommand("up", new UpCommand(root))
                .addSubcommand("init", new InitCommand(root))
                .addSubcommand("account", new AccountCommand(root))
                .addSubcommand("seller", new SellerCommand(root))
                .addSubcommand("plan", new PlanCommand(root))
                .addSubcommand("subscription", new SubscriptionCommand(root))
                .addSubcommand("price", new PriceCommand(root))
                .addSubcommand("invoice", new InvoiceCommand(root))
                .addSubcommand("dispute", JobCommand.dispute(root))
                .addSubcommand("override", new OverrideCommand(root))
                .addSubcommand("key", new KeyCommand(root))
                .addSubcommand("webhook", new WebhookCommand(root))
                .addSubcommand("notices", new NoticesCommand(root))
                .addSubcommand("import", new ImportCommand(root))
                .addSubcommand("job", JobCommand.line(root))
                .addSubcommand("schedule", new ScheduleCommand(root))
                .addSubcommand("report", new ReportCommand(root))
                .addSubcommand("export", new ExportCommand(root))
                .addSubcommand("log", new LogCommand(root))
                .addSubcommand("edge", new EdgeCommand(root))
                .addSubcommand("source", new SourceCommand(root))
                .addSubcommand("control-total", new ControlTotalCommand(root))
                .addSubcommand("hours", new HoursCommand(root))
                .addSubcommand("rejects", new RejectsCommand(root))
                .addSubcommand("quarantine", new QuarantineCommand(root))
                .addSubcommand("database", new DatabaseCommand(root));
        return CommandRun.execute(line, out, err, arguments);
    }
}
