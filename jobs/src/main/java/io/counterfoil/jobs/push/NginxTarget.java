package io.counterfoil.jobs.push;

import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A file that nginx includes, and the command that has it read again. A mark beside the file says that it was not read yet: it is made
 * before the file is replaced and goes once the command succeeded, so whoever dies or fails in between reloads the next time.
 */
final class NginxTarget implements FlagTarget {
    private final FileTarget file;
    private final Path mark;
    private final Optional<ReloadCommand> reload;

    NginxTarget(Path file, Optional<ReloadCommand> reload) {
        this.file = new FileTarget(file);
        this.mark = file.resolveSibling("." + file.getFileName() + ".reload");
        this.reload = reload;
    }

    @Override
    public String id() {
        return file.id();
    }

    @Override
    public Optional<Path> lockFile() {
        return file.lockFile();
    }

    @Override
    public long maxBytes() {
        return file.maxBytes();
    }

    /** Empty too where nginx has not read it yet. */
    @Override
    public Optional<byte[]> read(String name) {
        return reload.isPresent() && Files.exists(mark) ? Optional.empty() : file.read(name);
    }

    @Override
    public void write(Map<String, byte[]> documents) {
        if (reload.isEmpty()) {
            file.write(documents);
            return;
        }
        try {
            DurableFiles.create(mark, new byte[0]);
            file.write(documents);
            reload.get().run();
            Files.deleteIfExists(mark);
        } catch (IOException e) {
            throw OperatorException.down(
                    "mark " + mark + " cannot be written (" + e
                            + "); its folder must exist and be writable for this user",
                    e);
        }
    }

    @Override
    public void close() {
        file.close();
    }
}
