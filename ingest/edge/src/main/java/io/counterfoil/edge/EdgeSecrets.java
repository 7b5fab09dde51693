package io.counterfoil.edge;

import io.counterfoil.edge.listener.BearerTokens;

/**
 * What an edge must not tell.
 *
 * @param jdbcUrl of the database that holds keys and flags; may hold a password
 * @param feed what readers of the feed show
 * @param collector what sources of the collector show; each says its source
 */
public record EdgeSecrets(String jdbcUrl, BearerTokens feed, BearerTokens collector) {
    /** Of an edge without feed and collector. */
    public static EdgeSecrets of(String jdbcUrl) {
        return new EdgeSecrets(jdbcUrl, BearerTokens.NONE, BearerTokens.NONE);
    }

    @Override
    public String toString() {
        return "EdgeSecrets";
    }
}
