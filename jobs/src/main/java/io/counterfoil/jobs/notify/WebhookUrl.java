package io.counterfoil.jobs.notify;

import io.counterfoil.sql.OperatorException;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;

/** A receiver's URL. Where its name leads to is looked at when something is sent, every time. */
public final class WebhookUrl {
    private static final int MAX_CHARACTERS = 2000;
    private static final int MAX_PORT = 65_535;

    /**
     * A name, whose last label is no number, or an address as everybody writes it: 0xa9fea9fe, 0251.0376.0251.0376, 2852039166 and 127.1
     * are addresses to some and names to others.
     */
    private static final Pattern HOST = Pattern.compile(
            "(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\\.)*[a-z](?:[a-z0-9-]*[a-z0-9])?\\.?"
                    + "|(?:(?:0|[1-9]\\d{0,2})\\.){3}(?:0|[1-9]\\d{0,2})|\\[[0-9a-f:.]+]",
            Pattern.CASE_INSENSITIVE);

    private WebhookUrl() {}

    /**
     * Reads a URL.
     *
     * @throws OperatorException category INPUT, with no more of the URL than its host: the rest may be a secret
     */
    public static URI parse(String text) {
        try {
            URI url = new URI(text);
            String scheme = String.valueOf(url.getScheme());
            boolean good = scheme.matches("(?i)https?")
                    && url.getHost() != null
                    && HOST.matcher(url.getHost()).matches()
                    && url.getRawUserInfo() == null
                    && url.getRawFragment() == null
                    && url.getPort() != 0
                    && url.getPort() <= MAX_PORT
                    && text.length() <= MAX_CHARACTERS
                    && text.chars().allMatch(c -> c > ' ' && c < 0x7f);
            if (good) {
                return url;
            }
            throw wrong(url.getHost() == null ? "no host name" : "host " + url.getHost());
        } catch (URISyntaxException e) {
            throw wrong("a character that no URL has, at " + e.getIndex());
        }
    }

    private static OperatorException wrong(String what) {
        return OperatorException.input("webhook URL has " + what
                + "; expected https://HOST[:PORT]/PATH of at most " + MAX_CHARACTERS
                + " ASCII characters, the host a name or a usual address, without USER@ and #");
    }
}
