package io.counterfoil.sql.account;

import io.counterfoil.sql.OperatorException;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What holds for a key, whatever its account and plan.
 *
 * @param scopes what it may call beyond routes that ask for none
 * @param expiresAt when it ends by itself
 * @param disabled whether it is invalid until somebody enables it
 * @param externalId its id in the owner's own systems; need not be unique, is shown, and is never a key's text
 */
public record KeyTerms(
        List<String> scopes, Optional<Instant> expiresAt, boolean disabled, Optional<String> externalId) {
    /** No scopes, no end, in use, no external id. */
    public static final KeyTerms NONE = new KeyTerms(List.of(), Optional.empty());

    /** For messages: what an external id may be. */
    public static final String EXTERNAL_ID =
            "1 to 200 characters, none of them a control character, no blank at the ends, and no key";

    public KeyTerms {
        scopes = List.copyOf(scopes);
    }

    public KeyTerms(List<String> scopes, Optional<Instant> expiresAt) {
        this(scopes, expiresAt, false, Optional.empty());
    }

    /** Whether the text may be one. */
    public static boolean isExternalId(String text) {
        return AccountField.EXTERNAL_ID.takes(text) && text.equals(text.strip()) && !ApiKeyText.isWellFormed(text);
    }

    /**
     * The same, scopes sorted and without repetition.
     *
     * @param where for messages: which line of which file, or the command
     * @throws OperatorException category INPUT where a scope, the end or the external id is none
     */
    KeyTerms checked(String where) {
        expiresAt.ifPresent(KeyStore::checkEnd);
        externalId.filter(text -> !isExternalId(text)).ifPresent(text -> {
            // Not shown: it may be a key.
            throw OperatorException.input(
                    "external id (" + where + ") is " + text.length() + " characters, expected " + EXTERNAL_ID);
        });
        return new KeyTerms(KeyScopes.check(scopes, where), expiresAt, disabled, externalId);
    }
}
