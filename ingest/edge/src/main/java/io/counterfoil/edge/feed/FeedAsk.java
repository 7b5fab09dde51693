package io.counterfoil.edge.feed;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a reader of the feed asks.
 *
 * @param since the version up to which it has everything; 0: it has nothing
 * @param waitSeconds how long it waits for something new
 * @param tag of what it has of this very address; empty where it named none
 */
record FeedAsk(long since, int waitSeconds, String tag) {
    static final int MAX_WAIT_SECONDS = 60;

    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");
    private static final Pattern TAG = Pattern.compile("(?:W/)?\"([0-9a-f-]{1,64})\\.(\\d{1,18})\"");

    /** Empty where a parameter is not what it should be. */
    static Optional<FeedAsk> of(HttpServerRequest request) {
        String since = Optional.ofNullable(request.getParam("since")).orElse("0");
        String wait = Optional.ofNullable(request.getParam("wait")).orElse("0");
        if (!NUMBER.matcher(since).matches() || !NUMBER.matcher(wait).matches()) {
            return Optional.empty();
        }
        long seconds = Long.parseLong(wait);
        return seconds > MAX_WAIT_SECONDS
                ? Optional.empty()
                : Optional.of(new FeedAsk(
                        Long.parseLong(since),
                        (int) seconds,
                        Optional.ofNullable(request.getHeader(HttpHeaders.IF_NONE_MATCH))
                                .orElse("")));
    }

    /** The tag of everything up to that version of that database. */
    static String tag(String database, long version) {
        return '"' + database + '.' + version + '"';
    }

    /** Up to where it has everything, by its address or its tag. */
    long known(String database) {
        Matcher matcher = TAG.matcher(tag.strip());
        return matcher.matches() && matcher.group(1).equals(database)
                ? Math.max(since, Long.parseLong(matcher.group(2)))
                : since;
    }

    /** Whether its tag is that one, so that it need not be sent again. */
    boolean has(String other) {
        return tag.strip().replaceFirst("^W/", "").equals(other);
    }
}
