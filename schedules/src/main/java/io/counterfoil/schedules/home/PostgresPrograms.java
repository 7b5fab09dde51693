package io.counterfoil.schedules.home;

import io.zonky.test.db.postgres.util.LinuxUtils;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The programs of an unpacked Postgres. What they and the server say goes to the home's log. */
record PostgresPrograms(Path installation, PostgresFiles files) {
    /** Runs one and returns its exit code. As root it runs in a user namespace of its own, since Postgres refuses root. */
    int run(String program, String... arguments) throws IOException, InterruptedException {
        Stream<String> asUser = LinuxUtils.isUnshareAvailable() ? Stream.of("unshare", "-U") : Stream.empty();
        Stream<String> command = Stream.concat(
                Stream.of(installation.resolve("bin").resolve(program).toString()), Stream.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(
                        Stream.concat(asUser, command).toList())
                .directory(files.folder().toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(files.log().toFile()));
        // The caller's settings are for other servers.
        builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
        return builder.start().waitFor();
    }
}
