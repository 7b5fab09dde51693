package io.counterfoil.edge.route;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A path with one parameter that stands for a whole segment: {@code /v1/items/{id}}. Paths are compared as they were sent; nothing
 * is normalised, so no two spellings reach the same place by surprise.
 */
public final class PathTemplate {
    private static final String SEGMENT = "[A-Za-z0-9._~-]+";
    private static final Pattern TEXT =
            Pattern.compile("((?:/" + SEGMENT + ")*/)\\{([a-z][a-z0-9_]{0,31})}((?:/" + SEGMENT + ")*)");

    private final String before;
    private final String after;

    private PathTemplate(String before, String after) {
        this.before = before;
        this.after = after;
    }

    /** Empty where the text is no path with exactly one parameter. */
    public static Optional<PathTemplate> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches() && !text.contains("/./") && !text.contains("/../")
                ? Optional.of(new PathTemplate(matcher.group(1), matcher.group(3)))
                : Optional.empty();
    }

    /** Whether the path is of this form; its parameter is one segment that is not empty. */
    public boolean matches(String path) {
        int from = before.length();
        int to = path.length() - after.length();
        return to > from && path.startsWith(before) && path.endsWith(after) && path.lastIndexOf('/', to - 1) < from;
    }

    /** The parameter of a path that matches, as it was sent. */
    public String parameter(String path) {
        return path.substring(before.length(), path.length() - after.length());
    }

    /** Whether both match exactly the same paths. */
    public boolean sameAs(PathTemplate other) {
        return before.equals(other.before) && after.equals(other.after);
    }

    @Override
    public String toString() {
        return before + "{…}" + after;
    }
}
