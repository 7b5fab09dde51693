package io.counterfoil.jobs.imports;

import java.util.regex.Pattern;

/** A status as logs write it. */
final class StatusText {
    /** What this log, and nginx, calls a request whose client left before there was an answer. */
    private static final int CLIENT_LEFT = 499;

    private static final Pattern STATUS = Pattern.compile("[1-9]\\d\\d");
    /** Nothing was sent: nginx and CloudFront write three zeros, Logpush one. */
    private static final Pattern NOTHING = Pattern.compile("0|000");

    /** What nginx writes for HTTP/0.9, which answers without a status line. */
    private static final String NO_STATUS_LINE = "009";

    private static final int ANSWERED = 200;

    private StatusText() {}

    static int status(String text) throws MalformedLineException {
        if (NOTHING.matcher(text).matches()) {
            return CLIENT_LEFT;
        }
        if (text.equals(NO_STATUS_LINE)) {
            return ANSWERED;
        }
        if (!STATUS.matcher(text).matches()) {
            throw new MalformedLineException("the status is not 100 to 999");
        }
        return Integer.parseInt(text);
    }
}
