package io.counterfoil.schedules.cli;

import io.counterfoil.edge.EdgeTemplate;
import io.counterfoil.sql.OperatorException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;

@Command(
        name = "init",
        description = "Write a commented edge.yaml and a first dataset.",
        mixinStandardHelpOptions = true)
final class InitCommand implements Callable<Integer> {
    private final Counterfoil root;

    @Parameters(paramLabel = "DIR", arity = "0..1", defaultValue = ".", description = "Default: this folder.")
    private Path folder;

    InitCommand(Counterfoil root) {
        this.root = root;
    }

    @Override
    public Integer call() throws Exception {
        write(folder);
        root.out()
                .println("wrote edge.yaml and a first dataset to "
                        + folder.toAbsolutePath().normalize());
        root.out().println("next: counterfoil up --config " + folder.resolve("edge.yaml"));
        return 0;
    }

    /** @throws OperatorException category INPUT where a file is there already or cannot be written */
    static void write(Path folder) {
        try {
            EdgeTemplate.write(folder);
        } catch (UncheckedIOException e) {
            throw OperatorException.input("cannot write edge.yaml and a first dataset to "
                    + folder.toAbsolutePath().normalize() + ": " + e.getCause().getMessage()
                    + "; expected a folder that you may write to");
        }
    }
}
