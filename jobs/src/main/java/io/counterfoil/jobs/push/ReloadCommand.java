package io.counterfoil.jobs.push;

import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A command by which a server reads its files again, run by {@code sh -c}.
 *
 * @param within how long it may take; then it is killed
 */
record ReloadCommand(String text, Duration within) {
    private static final int OUTPUT_BYTES = 8 << 10;

    /** @throws OperatorException category DOWN where it does not end with 0 in time, with the last it printed */
    void run() {
        try {
            Process process = new ProcessBuilder("sh", "-c", text)
                    .redirectErrorStream(true)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .start();
            CompletableFuture<String> printed = CompletableFuture.supplyAsync(() -> lastLine(process.getInputStream()));
            if (!process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw failed("did not end within " + within.toSeconds() + " s", null);
            }
            if (process.exitValue() != 0) {
                throw failed("ended with " + process.exitValue() + ": " + printed.get(1, TimeUnit.SECONDS), null);
            }
        } catch (IOException | ExecutionException | TimeoutException e) {
            throw failed("cannot be run (" + e.getMessage() + ")", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("was interrupted", e);
        }
    }

    private OperatorException failed(String how, Exception cause) {
        return OperatorException.down(
                "reload command '" + text + "' " + how
                        + "; the file is written and not yet read: see what 'nginx -t' says, the next"
                        + " run reloads again",
                cause);
    }

    /** Of its first few kilobytes; the rest is read, so that it can end, and dropped. */
    private static String lastLine(InputStream output) {
        try {
            String text = new String(output.readNBytes(OUTPUT_BYTES), StandardCharsets.UTF_8);
            output.transferTo(OutputStream.nullOutputStream());
            String last = text.strip().lines().reduce((one, other) -> other).orElse("it printed nothing");
            return last.replaceAll("\\p{Cntrl}", " ");
        } catch (IOException e) {
            return "its output cannot be read";
        }
    }
}
