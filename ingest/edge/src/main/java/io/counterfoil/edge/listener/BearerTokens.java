package io.counterfoil.edge.listener;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.sql.OperatorException;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What those who ask a listener show, by RFC 6750. Several at once, so that they can be exchanged one by one; only their hashes are
 * kept.
 */
public final class BearerTokens {
    /** Nobody's. */
    public static final BearerTokens NONE = new BearerTokens(List.of());

    private static final int MIN_CHARACTERS = 24;
    private static final String BEARER = "Bearer ";

    private final List<Token> tokens;

    private static final class Token {
        private final String name;
        private final byte[] hash;

        Token(String name, String token) {
            this.name = name;
            this.hash = hash(token);
        }
    }

    private BearerTokens(List<Token> tokens) {
        this.tokens = tokens;
    }

    /**
     * Reads tokens that all mean the same, with commas between; empty text: there are none.
     *
     * @param variable where they stand, for messages
     * @throws OperatorException category INPUT where one is too short to be a secret; it is not repeated
     */
    public static BearerTokens parse(String variable, String text) {
        List<Token> tokens = new ArrayList<>();
        for (String token : parts(text)) {
            tokens.add(new Token("", checked(variable, token)));
        }
        return new BearerTokens(tokens);
    }

    /**
     * Reads {@code NAME=TOKEN} with commas between; a name may have several tokens.
     *
     * @param names what a name must look like
     * @throws OperatorException category INPUT where a name is none, or a token is too short or two names'; none is repeated
     */
    public static BearerTokens parseNamed(String variable, String text, Pattern names) {
        List<Token> tokens = new ArrayList<>();
        List<String> parts = parts(text);
        for (int i = 0; i < parts.size(); i++) {
            String[] sides = parts.get(i).split("=", 2);
            if (sides.length < 2 || !names.matcher(sides[0].strip()).matches()) {
                // It is not shown: where '=' was forgotten, it is the token.
                throw OperatorException.input(variable + ": part " + (i + 1) + " of " + parts.size()
                        + " is no NAME=TOKEN whose name is " + names.pattern());
            }
            Token token = new Token(sides[0].strip(), checked(variable, sides[1].strip()));
            if (tokens.stream().anyMatch(other -> MessageDigest.isEqual(other.hash, token.hash))) {
                throw OperatorException.input(
                        variable + ": the token of '" + token.name + "' stands there twice; each says one name");
            }
            tokens.add(token);
        }
        return new BearerTokens(tokens);
    }

    private static List<String> parts(String text) {
        List<String> parts = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            if (!part.isBlank()) {
                parts.add(part.strip());
            }
        }
        return parts;
    }

    private static String checked(String variable, String token) {
        if (token.length() < MIN_CHARACTERS) {
            throw OperatorException.input(variable + " has a token of " + token.length()
                    + " characters, expected at least " + MIN_CHARACTERS + ", as openssl rand -hex 32 makes");
        }
        return token;
    }

    public boolean isEmpty() {
        return tokens.isEmpty();
    }

    /** The names that tokens say. */
    public Set<String> names() {
        Set<String> names = new TreeSet<>();
        tokens.forEach(token -> names.add(token.name));
        return names;
    }

    /** The name that the value of {@code Authorization} (or null) says; takes as long whichever it is. */
    public Optional<String> find(String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return Optional.empty();
        }
        byte[] given = hash(authorization.substring(BEARER.length()).strip());
        Optional<String> found = Optional.empty();
        for (Token token : tokens) {
            if (MessageDigest.isEqual(token.hash, given)) {
                found = Optional.of(token.name);
            }
        }
        return found;
    }

    private static byte[] hash(String token) {
        return Digests.sha256().digest(token.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return tokens.size() + " tokens";
    }
}
