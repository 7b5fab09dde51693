package io.counterfoil.edge.http;

import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which header fields go through a proxy (RFC 9110, 7.6.1) and which it writes itself ({@code Forwarded}, RFC 7239). Pure.
 */
final class ForwardedFields {
    private static final String OURS = "counterfoil-";
    private static final CharSequence ACCOUNT = HttpHeaders.createOptimized("counterfoil-account");
    private static final CharSequence KEY_ID = HttpHeaders.createOptimized("counterfoil-key-id");
    private static final CharSequence FORWARDED = HttpHeaders.createOptimized("forwarded");
    private static final CharSequence FORWARDED_PROTO = HttpHeaders.createOptimized("x-forwarded-proto");
    private static final CharSequence FORWARDED_HOST = HttpHeaders.createOptimized("x-forwarded-host");
    private static final CharSequence UNITS = HttpHeaders.createOptimized("counterfoil-units");
    private static final String BEARER = "bearer ";

    /** Of one connection only, or written anew by whoever sends on. */
    private static final Set<String> HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "http2-settings");

    /** Written anew on the way to an origin. */
    private static final Set<String> REWRITTEN =
            Set.of("host", "expect", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded");

    private ForwardedFields() {}

    /**
     * What is known of the request beside its fields.
     *
     * @param peer the connection's other end
     * @param trusted whether the peer's word on earlier hops is passed on
     * @param scheme http or https, as the client came
     * @param host as the client named it
     */
    record Via(String peer, boolean trusted, String scheme, String host) {}

    /** Copies to the origin's request what may pass, and adds who asked and for whom. */
    static void toOrigin(MultiMap from, MultiMap to, Via via, boolean passKey) {
        Set<String> named = namedByConnection(from);
        for (Map.Entry<String, String> field : from) {
            String name = lower(field.getKey());
            // To many origins an underscore in a name is a dash: neither spelling may pass for ours.
            String meant = name.replace('_', '-');
            boolean key = !passKey && isKey(name, field.getValue(), from.get(Headers.X_API_KEY));
            if (!HOP.contains(meant)
                    && !REWRITTEN.contains(meant)
                    && !named.contains(name)
                    && !meant.startsWith(OURS)
                    && !name.startsWith(":")
                    && !key) {
                to.add(name, field.getValue());
            }
        }
        List<String> cookies = to.getAll(HttpHeaders.COOKIE);
        if (cookies.size() > 1) {
            // HTTP/2 may split them; HTTP/1.1 has one field (RFC 9113, 8.2.3).
            to.set(HttpHeaders.COOKIE, String.join("; ", cookies));
        }
        String before = via.trusted() ? joined(from, Headers.X_FORWARDED_FOR) : "";
        to.set(Headers.X_FORWARDED_FOR, before.isEmpty() ? via.peer() : before + ", " + via.peer());
        String scheme = via.trusted() ? first(from, FORWARDED_PROTO, via.scheme()) : via.scheme();
        String host = via.trusted() ? first(from, FORWARDED_HOST, via.host()) : via.host();
        to.set(FORWARDED_PROTO, scheme);
        to.set(FORWARDED_HOST, host);
        String hops = via.trusted() ? joined(from, FORWARDED) : "";
        String hop = "for=" + node(via.peer()) + ";host=" + quoted(via.host()) + ";proto=" + via.scheme();
        to.set(FORWARDED, hops.isEmpty() ? hop : hops + ", " + hop);
    }

    static void addCaller(MultiMap to, long accountId, long keyId) {
        to.set(ACCOUNT, Long.toString(accountId));
        to.set(KEY_ID, Long.toString(keyId));
    }

    /** Copies to the client's answer what may pass of the origin's. */
    static void toClient(MultiMap from, MultiMap to) {
        Set<String> named = namedByConnection(from);
        for (Map.Entry<String, String> field : from) {
            String name = lower(field.getKey());
            if (!HOP.contains(name) && !named.contains(name) && !name.startsWith(OURS)) {
                to.add(name, field.getValue());
            }
        }
    }

    /** What the origin says the request weighs; otherwise where it says nothing, or nothing that is a weight. */
    static long units(MultiMap from, long otherwise) {
        String text = from.get(UNITS);
        return text != null && text.matches("\\d{1,9}") ? Long.parseLong(text) : otherwise;
    }

    /**
     * The key came in one of the two; a scheme other than Bearer is the origin's own business, unless a browser that asked for its
     * user's usage goes on sending the key by it.
     *
     * @param apiKey the value of {@code X-API-Key}, or null
     */
    private static boolean isKey(String name, String value, String apiKey) {
        if (!name.equals("authorization")) {
            return AsciiString.contentEquals(Headers.X_API_KEY, name);
        }
        return value.regionMatches(true, 0, BEARER, 0, BEARER.length())
                || (apiKey != null && ("Bearer " + apiKey.strip()).equals(BasicCredentials.asBearer(value)));
    }

    private static Set<String> namedByConnection(MultiMap fields) {
        List<String> values = fields.getAll(HttpHeaders.CONNECTION);
        if (values.isEmpty()) {
            return Set.of();
        }
        Set<String> names = new HashSet<>();
        for (String value : values) {
            for (String name : value.split(",", -1)) {
                names.add(lower(name.strip()));
            }
        }
        return names;
    }

    private static String joined(MultiMap fields, CharSequence name) {
        return String.join(", ", fields.getAll(name));
    }

    private static String first(MultiMap fields, CharSequence name, String otherwise) {
        String value = fields.get(name);
        return value == null ? otherwise : value;
    }

    private static String node(String address) {
        return address.indexOf(':') >= 0 ? "\"[" + address + "]\"" : address;
    }

    private static String quoted(String host) {
        return '"' + host.replace("\\", "").replace("\"", "") + '"';
    }

    private static String lower(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) >= 'A' && name.charAt(i) <= 'Z') {
                return name.toLowerCase(Locale.ROOT);
            }
        }
        return name;
    }
}
