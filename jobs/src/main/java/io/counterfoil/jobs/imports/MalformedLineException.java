package io.counterfoil.jobs.imports;

/** A line that is no request; the reason is kept with the reject and never quotes the line: it may hold a key. */
final class MalformedLineException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedLineException(String reason) {
        super(reason);
    }
}
