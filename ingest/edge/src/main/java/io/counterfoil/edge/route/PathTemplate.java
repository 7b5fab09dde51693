package io.counterfoil.edge.route;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A path some of whose segments are parameters: {@code /v1/items/{id}}, {@code /v1/{kind}/{id}/tags}; a last one with a star
 * takes all that is left, also nothing: {@code /v1/{rest*}}. Paths are compared as they were sent; nothing is normalised, so no
 * two spellings reach the same place by surprise; a parameter is never {@code .} or {@code ..}, however they are written.
 */
public final class PathTemplate {
    private static final Pattern LITERAL = Pattern.compile("[A-Za-z0-9._~-]+");
    private static final Pattern PARAMETER = Pattern.compile("\\{([a-z][a-z0-9_]{0,31})(\\*?)}");

    /** Everything before the first parameter, with its slash. */
    private final String before;
    /** Segments from the first parameter on; empty text stands for a parameter. */
    private final String[] segments;

    private final boolean rest;
    private final String text;

    private PathTemplate(String before, String[] segments, boolean rest, String text) {
        this.before = before;
        this.segments = segments;
        this.rest = rest;
        this.text = text;
    }

    /** Empty where the text is no path, names a parameter twice, or has a star before its end. */
    public static Optional<PathTemplate> parse(String text) {
        if (!text.startsWith("/") || text.length() > 256) {
            return Optional.empty();
        }
        String[] parts = text.substring(1).split("/", -1);
        StringBuilder before = new StringBuilder("/");
        List<String> segments = new ArrayList<>();
        Set<String> names = new HashSet<>();
        boolean rest = false;
        for (int i = 0; i < parts.length; i++) {
            Matcher parameter = PARAMETER.matcher(parts[i]);
            boolean last = i == parts.length - 1;
            if (parameter.matches()) {
                rest = !parameter.group(2).isEmpty();
                if (!names.add(parameter.group(1)) || (rest && !last)) {
                    return Optional.empty();
                }
                segments.add("");
            } else if (!isLiteral(parts[i]) && !(last && parts[i].isEmpty() && parts.length == 1)) {
                return Optional.empty();
            } else if (segments.isEmpty()) {
                before.append(parts[i]).append(last ? "" : "/");
            } else {
                segments.add(parts[i]);
            }
        }
        return Optional.of(new PathTemplate(before.toString(), segments.toArray(String[]::new), rest, text));
    }

    private static boolean isLiteral(String part) {
        return LITERAL.matcher(part).matches() && !part.equals(".") && !part.equals("..");
    }

    /** Whether it has no parameter. */
    public boolean isLiteral() {
        return segments.length == 0;
    }

    /** Whether the path is of this form; a parameter is one segment that is not empty. */
    public boolean matches(String path) {
        if (!path.startsWith(before)) {
            return false;
        }
        int at = before.length();
        if (segments.length == 0) {
            return at == path.length();
        }
        for (int i = 0; i < segments.length; i++) {
            boolean last = i == segments.length - 1;
            if (rest && last) {
                return !hasDots(path, at, path.length());
            }
            int end = path.indexOf('/', at);
            if (end < 0) {
                end = path.length();
            }
            boolean same = segments[i].isEmpty()
                    ? end > at && !hasDots(path, at, end)
                    : end - at == segments[i].length() && path.startsWith(segments[i], at);
            if (!same || last != (end == path.length())) {
                return false;
            }
            at = end + 1;
        }
        return true;
    }

    /**
     * Whether a segment is one or two dots, however written: an origin would walk up with it. Encoded slashes and backslashes may be
     * slashes to an origin, and what follows a semicolon is no part of a segment's name.
     */
    private static boolean hasDots(String path, int from, int to) {
        int dots = 0;
        boolean other = false;
        boolean parameters = false;
        for (int at = from; at <= to; ) {
            int length = at < to && path.charAt(at) == '%' && to - at >= 3 ? 3 : 1;
            char c = at == to ? '/' : length == 3 ? decoded(path, at) : path.charAt(at);
            if (c == '/' || c == '\\') {
                if (!other && (dots == 1 || dots == 2)) {
                    return true;
                }
                dots = 0;
                other = false;
                parameters = false;
            } else if (c == ';') {
                parameters = true;
            } else if (!parameters) {
                dots += c == '.' ? 1 : 0;
                other |= c != '.';
            }
            at += length;
        }
        return false;
    }

    private static char decoded(String path, int at) {
        int high = Character.digit(path.charAt(at + 1), 16);
        int low = Character.digit(path.charAt(at + 2), 16);
        return high < 0 || low < 0 ? '%' : (char) (high << 4 | low);
    }

    /** The first parameter of a path that matches, as it was sent. */
    public String parameter(String path) {
        int from = before.length();
        int end = path.indexOf('/', from);
        return path.substring(from, end < 0 ? path.length() : end);
    }

    /** Whether it has exactly one parameter, which stands for one segment: the key of a document. */
    public boolean namesOneDocument() {
        int parameters = 0;
        for (String segment : segments) {
            parameters += segment.isEmpty() ? 1 : 0;
        }
        return parameters == 1 && !rest;
    }

    /** Whether both match exactly the same paths. */
    public boolean sameAs(PathTemplate other) {
        return before.equals(other.before) && rest == other.rest && java.util.Arrays.equals(segments, other.segments);
    }

    @Override
    public String toString() {
        return text;
    }
}
