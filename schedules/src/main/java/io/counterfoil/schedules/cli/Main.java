package io.counterfoil.schedules.cli;

import io.counterfoil.schedules.home.PostgresUnavailableException;
import io.counterfoil.sql.DatabaseFault;
import io.counterfoil.sql.OperatorException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;

/** The command line's process. */
public final class Main {
    private static final int BUG = 1;
    private static final int DOWN = 4;

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
                .addSubcommand("plan", new PlanCommand(root))
                .addSubcommand("key", new KeyCommand(root))
                .addSubcommand("import", new ImportCommand(root))
                .addSubcommand("job", new JobCommand(root))
                .addSubcommand("report", new ReportCommand(root))
                .addSubcommand("export", new ExportCommand(root))
                .addSubcommand("log", new LogCommand(root))
                .addSubcommand("edge", new EdgeCommand(root))
                .addSubcommand("source", new SourceCommand(root))
                .addSubcommand("hours", new HoursCommand(root))
                .addSubcommand("rejects", new RejectsCommand(root));
        line.setOut(new java.io.PrintWriter(out, true, StandardCharsets.UTF_8));
        line.setErr(new java.io.PrintWriter(err, true, StandardCharsets.UTF_8));
        line.setParameterExceptionHandler((problem, given) -> wrongUse(err, problem));
        line.setExecutionExceptionHandler((problem, command, result) -> failed(err, problem));
        if (arguments.length == 0) {
            line.usage(err);
            return OperatorException.input("no command").exitCode();
        }
        int code = line.execute(arguments);
        if (out.checkError() && code == 0) {
            err.println("error: standard output took no more: what was printed is not whole");
            return OperatorException.input("").exitCode();
        }
        return code;
    }

    private static int wrongUse(PrintStream err, ParameterException problem) {
        String command = problem.getCommandLine().getCommandSpec().qualifiedName();
        err.println(
                "error: " + String.valueOf(problem.getMessage()).replace('\n', ' ') + "; see " + command + " --help");
        return OperatorException.input("").exitCode();
    }

    /** One line for what the operator can mend; a stack trace only for a bug. */
    private static int failed(PrintStream err, Exception problem) {
        if (problem instanceof OperatorException operator) {
            err.println("error: " + operator.getMessage());
            return operator.exitCode();
        }
        if (problem instanceof PostgresUnavailableException) {
            err.println("error: " + problem.getMessage());
            return DOWN;
        }
        String down = switch (DatabaseFault.of(problem)) {
            case GONE ->
                "database connection lost: " + reason(problem)
                        + "; check that the server runs, then run the command again: it goes on from where it was";
            case CONTENDED ->
                "another change stood in the way (" + reason(problem) + "), this one was undone; run the command again";
            case OTHER -> "";
        };
        if (!down.isEmpty()) {
            err.println("error: " + down);
            return DOWN;
        }
        err.println("bug: please report this with what you ran");
        problem.printStackTrace(err);
        return BUG;
    }

    /** What the server said, in its first line: more of it, and what frameworks say around it, quotes statements. */
    private static String reason(Throwable problem) {
        for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return String.valueOf(sql.getMessage()).lines().findFirst().orElse("");
            }
        }
        return "";
    }
}
