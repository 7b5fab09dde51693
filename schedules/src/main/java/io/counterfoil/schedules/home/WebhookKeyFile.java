package io.counterfoil.schedules.home;

import io.counterfoil.jobs.notify.WebhookKey;
import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The home's {@code webhook.key}, for its owner alone (0600). There whole or not at all, and never replaced: all receivers' secrets are
 * derived of it.
 */
public final class WebhookKeyFile {
    private static final FileAttribute<Set<PosixFilePermission>> OWNERS_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private WebhookKeyFile() {}

    /**
     * The key, where there is one.
     *
     * @throws OperatorException category INPUT where it cannot be read, others may read it too, or it is no key
     */
    public static Optional<WebhookKey> read(Home home) {
        Path file = file(home);
        try {
            String text = Files.readString(file, StandardCharsets.US_ASCII);
            String permissions = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
            if (!permissions.endsWith("------")) {
                throw OperatorException.input("the webhooks' key " + file + " has permissions " + permissions
                        + ", expected none for others than its owner; chmod 600 " + file);
            }
            return Optional.of(WebhookKey.parse(text, file.toString()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failed("read", file, e);
        }
    }

    /** The key, made where there is none; of two who make it at once, both get that of the first. */
    public static WebhookKey readOrCreate(Home home) {
        return read(home).orElseGet(() -> {
            create(home);
            return read(home).orElseThrow();
        });
    }

    private static void create(Home home) {
        Path file = file(home);
        Path temporary = file.resolveSibling(".webhook.key." + UUID.randomUUID());
        try {
            Files.createDirectories(
                    home.folder(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            try {
                write(temporary, WebhookKey.generate() + "\n");
                // A move would silently replace what another just made, and with it what receivers were given.
                Files.createLink(file, temporary);
            } catch (FileAlreadyExistsException e) {
                // Read, as any that is there.
            } finally {
                Files.deleteIfExists(temporary);
            }
            try (FileChannel folder = FileChannel.open(home.folder())) {
                folder.force(true);
            }
        } catch (IOException e) {
            throw failed("created", file, e);
        }
    }

    private static void write(Path file, String text) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(
                file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNERS_ONLY)) {
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
            ((FileChannel) channel).force(true);
        }
    }

    private static Path file(Home home) {
        return home.folder().resolve("webhook.key");
    }

    private static OperatorException failed(String done, Path file, IOException e) {
        return OperatorException.input("the webhooks' key " + file + " cannot be " + done + " ("
                + e.getClass().getSimpleName() + "); expected a file of this user's, or set " + WebhookKey.VARIABLE);
    }
}
