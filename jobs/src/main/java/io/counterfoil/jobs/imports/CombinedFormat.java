package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.RequestFacts;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Apache's and nginx's Common and Combined Log Format: {@code address ident user [time] "request" status bytes}, then anything
 * (referer, user agent, fields that someone added). A virtual host may stand before it, as in Apache's {@code vhost_combined}.
 */
final class CombinedFormat implements LineFormat {
    private static final String SHAPE = "not: address ident user [time] \"request\" status bytes";
    /** An address as a server logs it; where it is none, there is no virtual host but a user name with a blank. */
    private static final Pattern ADDRESS =
            Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|[0-9a-fA-F.]{0,15}:[0-9a-fA-F:.]{0,40}|unix:");

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
    public Optional<ForeignRequest> parse(String line) throws MalformedLineException {
        Scanner scanner = new Scanner(line);
        String address = scanner.word();
        String ident = scanner.word();
        String user = scanner.word();
        if (!scanner.at('[')) {
            if (!ADDRESS.matcher(ident).matches()) {
                throw new MalformedLineException(SHAPE);
            }
            // The first word was the virtual host.
            address = ident;
            user = scanner.word();
        }
        long time = LineTime.common(scanner.between('[', ']'));
        RequestLine request = RequestLine.parse(LogEscapes.decode(scanner.quoted()));
        String status = scanner.word();
        String bytes = scanner.word();
        RequestFacts facts = new RequestFacts(
                0,
                "-",
                request.method(),
                StatusText.status(status),
                0,
                bytes.equals("-") ? 0 : bytes(bytes),
                0,
                1,
                Decision.ADMITTED,
                "",
                "",
                request.path());
        Optional<String> key = keyField.isParameter()
                ? keyField.parameter(RequestLine.query(request.target()))
                : KeyField.present(keyField.isAddress() ? address : LogEscapes.decode(user));
        return Optional.of(new ForeignRequest(time, key, facts));
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

        boolean at(char c) {
            return at < line.length() && line.charAt(at) == c;
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
