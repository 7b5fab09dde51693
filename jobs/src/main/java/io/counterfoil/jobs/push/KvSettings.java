package io.counterfoil.jobs.push;

import io.counterfoil.sql.OperatorException;

import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which namespace of Workers KV, and how its API is reached.
 *
 * @param api the address before {@code /client/v4}, without a slash at its end
 * @param token goes into the header of requests, and nowhere else
 */
public record KvSettings(URI api, String account, String namespace, String token) {
    public static final String TOKEN_VARIABLE = "COUNTERFOIL_KV_TOKEN";
    public static final String ACCOUNT_VARIABLE = "COUNTERFOIL_KV_ACCOUNT";
    public static final String NAMESPACE_VARIABLE = "COUNTERFOIL_KV_NAMESPACE";
    public static final String API_VARIABLE = "COUNTERFOIL_KV_API";

    private static final String API = "https://api.cloudflare.com";
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Pattern TOKEN = Pattern.compile("[!-~]{8,4096}");
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127\\.[0-9.]+|\\[::1]");

    /**
     * Options go before the environment; the token is the environment's alone.
     *
     * @throws OperatorException category INPUT where something is missing or wrong; no message holds the token
     */
    public static KvSettings of(
            Map<String, String> environment,
            Optional<String> account,
            Optional<String> namespace,
            Optional<String> api) {
        String token = value(environment, TOKEN_VARIABLE)
                .orElseThrow(
                        () -> OperatorException.input("no token for Workers KV is set, expected an API token with the"
                                + " permission 'Workers KV Storage: Edit'; set " + TOKEN_VARIABLE));
        if (!TOKEN.matcher(token).matches()) {
            throw OperatorException.input(
                    TOKEN_VARIABLE + " has " + token.length() + " characters that are no API token,"
                            + " expected 8 or more printable ones without blanks; see that it was copied whole");
        }
        return new KvSettings(
                api(api.or(() -> value(environment, API_VARIABLE)).orElse(API)),
                id("account", "--kv-account", account.or(() -> value(environment, ACCOUNT_VARIABLE)), ACCOUNT_VARIABLE),
                id(
                        "namespace",
                        "--kv-namespace",
                        namespace.or(() -> value(environment, NAMESPACE_VARIABLE)),
                        NAMESPACE_VARIABLE),
                token);
    }

    private static String id(String what, String option, Optional<String> given, String variable) {
        String next = "; pass " + option + " ID or set " + variable;
        String id = given.orElseThrow(() -> OperatorException.input(
                "no " + what + " of Workers KV is named, expected its ID, as the dashboard shows it" + next));
        if (!ID.matcher(id).matches()) {
            throw OperatorException.input(what + " of Workers KV is '" + id
                    + "', expected its ID of letters and digits, as the dashboard shows it" + next);
        }
        return id;
    }

    /** By http a token would be everyone's on the way; on this machine there is none. */
    private static URI api(String text) {
        String expected = "expected https://HOST, or http on this machine; pass --kv-api URL or set " + API_VARIABLE;
        URI uri;
        try {
            uri = URI.create(text.replaceAll("/+$", ""));
        } catch (IllegalArgumentException e) {
            // Without its value, which may hold a password.
            throw OperatorException.input("address of the KV API is no URL, " + expected);
        }
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        boolean usual = uri.getHost() != null
                && uri.getRawUserInfo() == null
                && uri.getRawQuery() == null
                && uri.getRawFragment() == null;
        if (!usual
                || !(scheme.equals("https")
                        || (scheme.equals("http")
                                && LOOPBACK.matcher(uri.getHost()).matches()))) {
            throw OperatorException.input("address of the KV API is none that a token may be sent to, " + expected);
        }
        return uri;
    }

    private static Optional<String> value(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).map(String::strip).filter(text -> !text.isEmpty());
    }

    /** Without the token. */
    @Override
    public String toString() {
        return api + " " + account + "/" + namespace;
    }
}
