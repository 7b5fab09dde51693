package io.counterfoil.schedules.home;

import io.counterfoil.sql.OperatorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class WebhookKeyFileTest {
    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("home/webhook.key");
    }

    private Home home() {
        return Home.at(folder.resolve("home"));
    }

    @Test
    void ofManyWhoMakeItAtOnceAllGetTheSameOneWhichIsItsOwnersAlone() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        List<Callable<String>> calls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            calls.add(() -> WebhookKeyFile.readOrCreate(home()).id());
        }
        List<String> ids = new ArrayList<>();
        for (Future<String> call : threads.invokeAll(calls)) {
            ids.add(call.get());
        }
        threads.shutdown();

        assertThat(ids).containsOnly(WebhookKeyFile.read(home()).orElseThrow().id());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        try (var files = Files.list(folder.resolve("home"))) {
            assertThat(files).containsExactly(file());
        }
    }

    @Test
    void oneThatOthersMayReadOrThatIsNoneIsRefused() throws Exception {
        assertThat(WebhookKeyFile.read(home())).isEmpty();
        WebhookKeyFile.readOrCreate(home());
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> WebhookKeyFile.read(home()))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("has permissions rw-r-----, expected none for others than its owner; chmod 600");
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-------"));
        Files.writeString(file(), "whsec_short\n");
        assertThatThrownBy(() -> WebhookKeyFile.readOrCreate(home()))
                .hasMessageContaining("webhook.key is 11 characters that are not base64 of 32 bytes or more")
                .hasMessageNotContaining("whsec_short");
    }
}
