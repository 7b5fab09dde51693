package io.counterfoil.jobs.imports;

import java.util.Optional;

/**
 * Which part of a line says who called: {@code user}, {@code address}, or the name of a field.
 *
 * @param name as given on the command line
 */
record KeyField(String name) {
    static final String USER = "user";
    static final String ADDRESS = "address";

    boolean isUser() {
        return name.equals(USER);
    }

    boolean isAddress() {
        return name.equals(ADDRESS);
    }

    /** An address is public and only ever a label; anything else may be a key, and is looked up by its hash first. */
    boolean mayBeSecret() {
        return !isAddress();
    }

    /** The value as a key: logs write {@code -} or nothing for none. */
    static Optional<String> present(String value) {
        return value.isEmpty() || value.equals("-") ? Optional.empty() : Optional.of(value);
    }
}
