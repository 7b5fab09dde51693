package io.counterfoil.jobs.imports;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Apache's and nginx's Common and Combined Log Format: {@code address ident user [time] "request" status bytes}, then anything
 * (referer, user agent, fields that someone added).
 */
final class CombinedFormat implements LineFormat {
    private static final Pattern LINE = Pattern.compile(
            "(\\S+) (\\S+) (\\S+) \\[([^\\]]+)\\] \"((?:[^\"\\\\]|\\\\.)*)\" (\\d{3}) (\\d{1,18}|-)(?: .*)?");

    private final KeyField keyField;

    CombinedFormat(KeyField keyField) {
        this.keyField = keyField;
    }

    @Override
    public boolean hasHeader() {
        return false;
    }

    @Override
    public boolean skip(String line) {
        return line.isEmpty() || line.startsWith("#");
    }

    @Override
    public ForeignRequest parse(String line) throws MalformedLineException {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches()) {
            throw new MalformedLineException("not: address ident user [time] \"request\" status bytes");
        }
        Optional<String> key = KeyField.present(keyField.isAddress() ? matcher.group(1) : matcher.group(3));
        RequestLine request = RequestLine.parse(matcher.group(5));
        String bytes = matcher.group(7);
        return new ForeignRequest(
                LineTime.common(matcher.group(4)),
                key,
                request.method(),
                request.path(),
                status(matcher.group(6)),
                bytes.equals("-") ? 0 : Long.parseLong(bytes),
                0);
    }

    static int status(String text) throws MalformedLineException {
        if (!text.matches("[1-9]\\d\\d")) {
            throw new MalformedLineException("the status is not 100 to 999");
        }
        return Integer.parseInt(text);
    }
}
