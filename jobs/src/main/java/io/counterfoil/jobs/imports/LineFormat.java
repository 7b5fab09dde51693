package io.counterfoil.jobs.imports;

/** How a foreign log writes a request. One line is one request; an instance reads one file. Not thread-safe. */
interface LineFormat {
    /** Whether this line is no request by design: a comment, or a header. Called once for each line, in order. */
    boolean skip(String line);

    /** @throws MalformedLineException where the line is no request */
    ForeignRequest parse(String line) throws MalformedLineException;

    /** Whether the first line that is no comment names the columns and must be seen before any other, wherever reading begins. */
    boolean hasHeader();
}
