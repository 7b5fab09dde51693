package io.counterfoil.schedules.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

/** Commands in this process, each with the same first options. */
record InProcess(List<String> options) {
    /** What a command ended with. */
    record Result(int exit, String out, String err) {
        /** That it was refused as wrong input, in one line that says so. */
        void refused(String message) {
            refused(2, message);
        }

        /** As {@link #refused(String)}, with another exit code. */
        void refused(int expectedExit, String message) {
            assertThat(exit).as(err).isEqualTo(expectedExit);
            assertThat(err.lines().filter(line -> line.startsWith("error: ")))
                    .as(err)
                    .singleElement()
                    .asString()
                    .contains(message);
            assertThat(err).doesNotContain("\tat ").doesNotContain("Exception");
        }
    }

    static InProcess on(Path home, String databaseUrl) {
        return new InProcess(List.of("--home=" + home, "--database=" + databaseUrl));
    }

    Result run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        List<String> all = new ArrayList<>(options);
        all.addAll(List.of(arguments));
        int exit = Main.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                all.toArray(String[]::new));
        return new Result(exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
