package io.counterfoil.jobs.notify;

import io.counterfoil.sql.OperatorException;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * Where mail is handed in.
 *
 * @param login empty: none
 * @param from the sender's address
 */
public record MailServer(String host, int port, Security security, Optional<Login> login, String from) {
    /** The environment's name for {@code smtp[s]://USER:PASSWORD@HOST:PORT}. */
    public static final String URL_VARIABLE = "COUNTERFOIL_SMTP_URL";

    /** The environment's name for the sender's address. */
    public static final String FROM_VARIABLE = "COUNTERFOIL_MAIL_FROM";

    private static final int SMTPS_PORT = 465;
    private static final int SUBMISSION_PORT = 587;

    /** How the connection is encrypted. */
    public enum Security {
        /** From the first byte. */
        TLS,
        /** By STARTTLS, or nothing is sent. */
        STARTTLS_REQUIRED,
        /** By STARTTLS where the server offers it. */
        STARTTLS_OFFERED,
        /** Not at all. */
        NONE
    }

    /** With a password. */
    public record Login(String user, String password) {
        /** Without the password. */
        @Override
        public String toString() {
            return "Login of " + user;
        }
    }

    /**
     * Reads a server's URL: {@code smtp://} or {@code smtps://}, {@code ?starttls=required|offered|off} for the first (default: required
     * where there is a password).
     *
     * @throws OperatorException category INPUT where it is none; the message holds no more of it than its scheme
     */
    public static MailServer parse(String url, String from) {
        if (!from.matches("[^\\s@<>,;:\"()\\[\\]\\\\]{1,64}@[A-Za-z0-9.-]{1,255}")) {
            throw OperatorException.input("the sender of mail is '" + from
                    + "', expected an address as billing@example.com; set " + FROM_VARIABLE + " or pass --mail-from");
        }
        try {
            URI uri = new URI(url);
            String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
            Optional<Login> login = Optional.ofNullable(uri.getRawUserInfo()).map(MailServer::login);
            if (!scheme.matches("smtps?")
                    || uri.getHost() == null
                    || !String.valueOf(uri.getPath()).matches("/?")) {
                throw wrong(scheme);
            }
            boolean secure = scheme.equals("smtps");
            return new MailServer(
                    uri.getHost().replaceAll("^\\[|]$", ""),
                    uri.getPort() > 0 ? uri.getPort() : secure ? SMTPS_PORT : SUBMISSION_PORT,
                    secure ? Security.TLS : security(scheme, uri.getRawQuery(), login.isPresent()),
                    login,
                    from);
        } catch (URISyntaxException e) {
            throw wrong("…");
        }
    }

    private static Security security(String scheme, String query, boolean login) {
        if (query == null) {
            return login ? Security.STARTTLS_REQUIRED : Security.STARTTLS_OFFERED;
        }
        return switch (query) {
            case "starttls=required" -> Security.STARTTLS_REQUIRED;
            case "starttls=offered" -> Security.STARTTLS_OFFERED;
            case "starttls=off" -> Security.NONE;
            default -> throw wrong(scheme);
        };
    }

    private static Login login(String userInfo) {
        String[] parts = userInfo.split(":", 2);
        return new Login(decoded(parts[0]), parts.length > 1 ? decoded(parts[1]) : "");
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static OperatorException wrong(String scheme) {
        return OperatorException.input(
                "the mail server is '" + (scheme.matches("[a-z]{1,10}") ? scheme : "") + ":…', expected"
                        + " smtp://USER:PASSWORD@HOST:587?starttls=required or smtps://USER:PASSWORD@HOST:465, characters as @ : /"
                        + " in the password as %40 %3A %2F; set " + URL_VARIABLE);
    }
}
