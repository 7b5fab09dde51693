package io.counterfoil.edge;

import io.counterfoil.edge.feed.FeedTokens;

/**
 * What an edge must not tell.
 *
 * @param jdbcUrl of the database that holds keys and flags; may hold a password
 * @param feed what readers of the feed show
 */
public record EdgeSecrets(String jdbcUrl, FeedTokens feed) {
    /** Of an edge without a feed. */
    public static EdgeSecrets of(String jdbcUrl) {
        return new EdgeSecrets(jdbcUrl, FeedTokens.parse(""));
    }

    @Override
    public String toString() {
        return "EdgeSecrets";
    }
}
