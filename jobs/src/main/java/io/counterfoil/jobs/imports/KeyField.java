package io.counterfoil.jobs.imports;

import java.util.Optional;

/**
 * Which part of a line says who called: {@code user}, {@code address}, {@code query:NAME} for a parameter of the query, or the name
 * of a field.
 *
 * @param name as given on the command line, or by the map
 * @param mapped whether the map named it: then it is a field, whatever its name, and may be a secret
 */
record KeyField(String name, boolean mapped) {
    static final String USER = "user";
    static final String ADDRESS = "address";
    private static final String QUERY = "query:";

    boolean isUser() {
        return !mapped && name.equals(USER);
    }

    boolean isAddress() {
        return !mapped && name.equals(ADDRESS);
    }

    /** Whether it is found in every format that has a query. */
    boolean isParameter() {
        return !mapped && name.startsWith(QUERY) && name.length() > QUERY.length();
    }

    /** What a label that is made of the value's hash begins with. */
    String labelPrefix() {
        return isParameter() ? name.substring(QUERY.length()) : name;
    }

    /** An address is public and only ever a label; anything else may be a key, and is looked up by its hash first. */
    boolean mayBeSecret() {
        return !isAddress();
    }

    /** The value as a key: logs write {@code -} or nothing for none. */
    static Optional<String> present(String value) {
        return value.isEmpty() || value.equals("-") ? Optional.empty() : Optional.of(value);
    }

    /** The value of the parameter in a query as it was sent; the first where it stands twice. */
    Optional<String> parameter(String query) {
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals >= 0 && decode(pair.substring(0, equals)).equals(labelPrefix())) {
                return present(decode(pair.substring(equals + 1)));
            }
        }
        return Optional.empty();
    }

    /** Forms write a blank as a plus sign. */
    private static String decode(String text) {
        return PercentEncoding.decode(text.replace('+', ' '));
    }
}
