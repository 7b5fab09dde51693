package io.counterfoil.edge.config;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the edge accepts connections.
 *
 * @param host name or address; an IPv6 address without its brackets
 * @param port 0 takes any free one
 */
public record ListenAddress(String host, int port) {
    private static final Pattern TEXT = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9._-]+):(\\d{1,5})");
    private static final int MAX_PORT = 65_535;

    /** Reads {@code HOST:PORT} or {@code [IPV6]:PORT}; empty where the text is neither. */
    public static Optional<ListenAddress> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > MAX_PORT) {
            return Optional.empty();
        }
        String host = matcher.group(1);
        boolean bracketed = host.startsWith("[");
        return Optional.of(new ListenAddress(
                bracketed ? host.substring(1, host.length() - 1) : host, Integer.parseInt(matcher.group(2))));
    }

    public ListenAddress withPort(int actual) {
        return new ListenAddress(host, actual);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
