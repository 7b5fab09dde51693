package io.counterfoil.edge.dataset;

import io.counterfoil.sql.OperatorException;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A dataset that follows its files: swapped whole when they change, kept as it is where the new version is broken.
 *
 * @param <T> what a document is kept as
 */
public final class LiveDataset<T> {
    private final Path path;
    private final Optional<String> key;
    private final Function<Document, T> form;
    private volatile Dataset<T> current;
    private long loaded;
    private long seen;

    /**
     * Loads it for the first time.
     *
     * @param form makes of a document what requests are answered with; called once for each
     * @throws OperatorException category INPUT as for {@link DocumentFiles#load}
     */
    public LiveDataset(Path path, Optional<String> key, Function<Document, T> form) {
        this.path = path;
        this.key = key;
        this.form = form;
        loaded = DocumentFiles.fingerprint(path);
        seen = loaded;
        current = DocumentFiles.load(path, key).map(form);
    }

    public Optional<T> document(String name) {
        return current.document(name);
    }

    /** Whether it is the dataset of that path and key, so that it may serve on where only the routes changed. */
    public boolean isOf(Path otherPath, Optional<String> otherKey) {
        return path.equals(otherPath) && key.equals(otherKey);
    }

    /**
     * Looks whether the files changed, and swaps them in once they have looked the same twice in a row: a file that is still being
     * written is left alone. One thread.
     *
     * @param notices told of a swap, and once of each broken version
     */
    public void refresh(Consumer<String> notices) {
        long now;
        try {
            now = DocumentFiles.fingerprint(path);
        } catch (OperatorException e) {
            now = 0;
        }
        boolean settled = now == seen;
        seen = now;
        if (now == loaded || !settled) {
            return;
        }
        // Also where it is broken: it is told once, and read again when it changes again.
        loaded = now;
        try {
            Dataset<T> next = DocumentFiles.load(path, key).map(form);
            notices.accept(
                    "dataset " + path + " changed: " + next.size() + " documents, " + current.size() + " before");
            current = next;
        } catch (OperatorException e) {
            notices.accept("ALARM dataset " + path + " changed and is refused, the " + current.size()
                    + " documents in use stay: " + e.getMessage().replace("\n", "; "));
        }
    }
}
