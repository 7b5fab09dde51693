package io.counterfoil.jobs.imports;

/**
 * Apache's and nginx's Common and Combined Log Format: {@code address ident user [time] "request" status bytes}, then anything
 * (referer, user agent, fields that someone added).
 */
final class CombinedFormat implements LineFormat {
    private static final String SHAPE = "not: address ident user [time] \"request\" status bytes";

    private final KeyField keyField;

    CombinedFormat(KeyField keyField) {
        this.keyField = keyField;
    }

    @Override
    public boolean skip(String line) {
        return line.isEmpty() || line.startsWith("#");
    }

    /** Scanned by hand: a regular expression recurses over the request, and a stranger chooses how long that is. */
    @Override
    public ForeignRequest parse(String line) throws MalformedLineException {
        Scanner scanner = new Scanner(line);
        String address = scanner.word();
        scanner.word();
        String user = scanner.word();
        String time = scanner.between('[', ']');
        RequestLine request = RequestLine.parse(scanner.quoted());
        String status = scanner.word();
        String bytes = scanner.word();
        return new ForeignRequest(
                LineTime.common(time),
                KeyField.present(keyField.isAddress() ? address : user),
                request.method(),
                request.path(),
                status(status),
                bytes.equals("-") ? 0 : bytes(bytes),
                0);
    }

    static int status(String text) throws MalformedLineException {
        if (!text.matches("[1-9]\\d\\d")) {
            throw new MalformedLineException("the status is not 100 to 999");
        }
        return Integer.parseInt(text);
    }

    private static long bytes(String text) throws MalformedLineException {
        if (!text.matches("\\d{1,18}")) {
            throw new MalformedLineException(SHAPE);
        }
        return Long.parseLong(text);
    }

    /** Takes one field after the other; each ends at a blank or at the line's end. */
    private static final class Scanner {
        private final String line;
        private int at;

        Scanner(String line) {
            this.line = line;
        }

        String word() throws MalformedLineException {
            int end = line.indexOf(' ', at);
            end = end < 0 ? line.length() : end;
            return take(at, end, end);
        }

        String between(char open, char close) throws MalformedLineException {
            int end = at < line.length() && line.charAt(at) == open ? line.indexOf(close, at) : -1;
            return take(at + 1, end, end + 1);
        }

        /** A backslash takes the character behind it along, as nginx and Apache escape quotes. */
        String quoted() throws MalformedLineException {
            int end = at < line.length() && line.charAt(at) == '"' ? at + 1 : line.length();
            while (end < line.length() && line.charAt(end) != '"') {
                end += line.charAt(end) == '\\' ? 2 : 1;
            }
            return end < line.length() ? take(at + 1, end, end + 1) : take(0, -1, 0);
        }

        private String take(int from, int to, int next) throws MalformedLineException {
            boolean empty = to == from && next == to;
            if (to < from || empty || (next < line.length() && line.charAt(next) != ' ')) {
                throw new MalformedLineException(SHAPE);
            }
            at = Math.min(next + 1, line.length());
            return line.substring(from, to);
        }
    }
}
