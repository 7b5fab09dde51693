package io.counterfoil.jobs.cli;

import io.counterfoil.sql.DatabaseFault;
import io.counterfoil.sql.OperatorException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;

/** Runs a command and gives its exit code: 0 done, 2 input or settings, 3 corrupt data, 4 dependency down, 1 bug. */
public final class CommandRun {
    private static final int BUG = 1;
    private static final int DOWN = OperatorException.down("", null).exitCode();
    private static final int INPUT = OperatorException.input("").exitCode();

    private CommandRun() {}

    /** One line for what the operator can mend; a stack trace only for a bug. */
    public static int execute(CommandLine line, PrintStream out, PrintStream err, String... arguments) {
        line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
        line.setParameterExceptionHandler((problem, given) -> wrongUse(err, problem));
        line.setExecutionExceptionHandler((problem, command, result) -> failed(err, problem));
        if (arguments.length == 0) {
            line.usage(err);
            return INPUT;
        }
        int code = line.execute(arguments);
        if (out.checkError() && code == 0) {
            err.println("error: standard output took no more: what was printed is not whole");
            return INPUT;
        }
        return code;
    }

    private static int wrongUse(PrintStream err, ParameterException problem) {
        String command = problem.getCommandLine().getCommandSpec().qualifiedName();
        err.println(
                "error: " + String.valueOf(problem.getMessage()).replace('\n', ' ') + "; see " + command + " --help");
        return INPUT;
    }

    private static int failed(PrintStream err, Exception problem) {
        if (problem instanceof OperatorException operator) {
            err.println("error: " + operator.getMessage());
            return operator.exitCode();
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
