package io.counterfoil.jobs.imports;

/** How a foreign log writes a request. One line is one request; an instance reads one file. Not thread-safe. */
interface LineFormat {
    /**
     * Whether this line is no request by design: a comment, or a header. Called for each line from the file's first on, wherever
     * reading begins.
     */
    boolean skip(String line);

    /** @throws MalformedLineException where the line is no request */
    ForeignRequest parse(String line) throws MalformedLineException;
}
