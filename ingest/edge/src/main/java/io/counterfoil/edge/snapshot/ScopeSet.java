package io.counterfoil.edge.snapshot;

import java.util.regex.Pattern;

/** The scopes of a key. Immutable; looking one up allocates nothing. */
public final class ScopeSet {
    /** Of a key that may only call routes that ask for no scope. */
    public static final ScopeSet NONE = new ScopeSet("");

    private static final Pattern TEXT =
            Pattern.compile("[a-z0-9][a-z0-9._:-]{0,63}( [a-z0-9][a-z0-9._:-]{0,63}){0,31}");

    private final String text;
    private final String[] names;

    private ScopeSet(String text) {
        this.text = text;
        this.names = text.isEmpty() ? new String[0] : text.split(" ");
    }

    /** Whether the text is a set of at most 32 names, separated by single blanks; the empty text is the empty set. */
    static boolean isOne(String text) {
        return text.isEmpty() || TEXT.matcher(text).matches();
    }

    static ScopeSet of(String text) {
        return text.isEmpty() ? NONE : new ScopeSet(text);
    }

    /** Whether the scope is in it. */
    public boolean contains(String scope) {
        for (String name : names) {
            if (name.equals(scope)) {
                return true;
            }
        }
        return false;
    }

    /** The names, separated by single blanks. */
    String text() {
        return text;
    }

    @Override
    public String toString() {
        return text;
    }
}
