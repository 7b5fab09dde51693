package io.counterfoil.sql.export;

import org.jdbi.v3.core.ConnectionException;
import org.postgresql.copy.PGCopyInputStream;

import java.io.IOException;
import java.io.InputStream;
import java.sql.SQLException;
import java.util.Optional;

/** Rows of usage as CSV, straight from the server (COPY), each as it comes. Not thread-safe. */
public final class UsageCopy implements AutoCloseable {
    private final PGCopyInputStream rows;

    UsageCopy(PGCopyInputStream rows) {
        this.rows = rows;
    }

    /** The next row with its newline; empty at the end. The server sends each as a message of its own (PostgreSQL manual, 54.2.7). */
    public Optional<byte[]> next() {
        try {
            return Optional.ofNullable(rows.readFromCopy());
        } catch (SQLException e) {
            throw new ConnectionException(e);
        }
    }

    /** What {@link #next()} did not take. */
    public InputStream bytes() {
        return rows;
    }

    @Override
    public void close() throws IOException {
        rows.close();
    }
}
