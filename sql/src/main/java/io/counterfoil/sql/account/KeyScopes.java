package io.counterfoil.sql.account;

import io.counterfoil.sql.OperatorException;

import java.util.List;
import java.util.regex.Pattern;

/** What a scope's name may be, and how many a key may have. */
public final class KeyScopes {
    /** A name: 1 to 64 lower-case letters, digits, dots, dashes, underscores, colons; a letter or digit first. */
    public static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._:-]{0,63}");

    /** How many a key may have. */
    public static final int MAX = 32;

    private KeyScopes() {}

    /**
     * The names sorted and without repetition.
     *
     * @param where for the message: which line of which file, or the command
     * @throws OperatorException category INPUT where one is no name, or there are too many
     */
    static List<String> check(List<String> names, String where) {
        for (String name : names) {
            if (!NAME.matcher(name).matches()) {
                throw OperatorException.input(
                        "scope is '" + name + "' (" + where + "), expected 1 to 64 lower-case letters,"
                                + " digits, dots, dashes, underscores or colons, a letter or digit first");
            }
        }
        List<String> distinct = names.stream().distinct().sorted().toList();
        if (distinct.size() > MAX) {
            throw OperatorException.input(distinct.size() + " scopes (" + where + "), expected at most " + MAX);
        }
        return distinct;
    }
}
