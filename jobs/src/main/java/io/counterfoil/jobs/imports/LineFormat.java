package io.counterfoil.jobs.imports;

import java.util.Optional;

/** How a foreign log writes a request. One line is one request; an instance reads one file. Not thread-safe. */
interface LineFormat {
    /**
     * Whether this line is no request by design: a comment, or a header. Called for each line from the file's first on, wherever
     * reading begins.
     */
    boolean skip(String line);

    /**
     * The line's request; empty where it tells of something else by design, as {@link LogFormat#leftOut} says.
     *
     * @throws MalformedLineException where the line is no request
     */
    Optional<ForeignRequest> parse(String line) throws MalformedLineException;

    /**
     * Whether a line far behind the file's beginning may say how those below it are to be read. Then all lines that begin with
     * {@code #} go through {@link #skip} before reading goes on in mid-file, else those at the file's beginning.
     */
    default boolean headersInMidFile() {
        return false;
    }
}
