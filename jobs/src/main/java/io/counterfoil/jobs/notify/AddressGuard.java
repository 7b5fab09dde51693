package io.counterfoil.jobs.notify;

import inet.ipaddr.IPAddress;
import inet.ipaddr.ipv6.IPv6Address;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;

/**
 * Keeps whoever names a URL from reaching what only this machine can (server-side request forgery). A name is resolved once; what is
 * given back is what is to be connected to. Where one address of a name is refused, all are.
 */
final class AddressGuard {
    /** What is not globally reachable by IANA's special-purpose registry for IPv4, what is reserved, and multicast. */
    private static final AddressRanges V4 = AddressRanges.parse(
            "V4",
            List.of(
                    "0.0.0.0/8",
                    "10.0.0.0/8",
                    "100.64.0.0/10",
                    "127.0.0.0/8",
                    "169.254.0.0/16",
                    "172.16.0.0/12",
                    "192.0.0.0/24",
                    "192.0.2.0/24",
                    "192.88.99.0/24",
                    "192.168.0.0/16",
                    "198.18.0.0/15",
                    "198.51.100.0/24",
                    "203.0.113.0/24",
                    "224.0.0.0/4",
                    "240.0.0.0/4"));

    /** Outside of it nothing is global unicast (IANA's IPv6 address space). */
    private static final AddressRanges V6_GLOBAL = AddressRanges.parse("V6_GLOBAL", List.of("2000::/3"));

    /** Inside of it: protocol assignments with Teredo, benchmarks and ORCHID; documentation; 6to4, which holds any IPv4. */
    private static final AddressRanges V6 =
            AddressRanges.parse("V6", List.of("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"));

    /** IPv4 behind a translator (RFC 6052), where networks have no other way to it: as good as the address inside. */
    private static final AddressRanges NAT64 = AddressRanges.parse("NAT64", List.of("64:ff9b::/96"));

    private static final int LAST_32_BITS = 12;

    /** As {@link InetAddress#getAllByName}. */
    @FunctionalInterface
    interface Resolver {
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    private final AddressRanges allowed;
    private final Resolver resolver;

    /** @param allowed all the same, and by http too */
    AddressGuard(AddressRanges allowed, Resolver resolver) {
        this.allowed = allowed;
        this.resolver = resolver;
    }

    /** It is not sent there. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    /** The addresses of a webhook's host, each of which may be connected to. */
    List<InetAddress> addresses(URI url) throws RefusedException, UnknownHostException {
        List<InetAddress> addresses = List.of(resolver.resolve(host(url)));
        boolean secure = url.getScheme().toLowerCase(Locale.ROOT).equals("https");
        for (InetAddress address : addresses) {
            if (!allowed.contains(address)) {
                if (!secure) {
                    throw new RefusedException("address " + address.getHostAddress()
                            + " is not allowed by http; expected https, or an address of --allow-address");
                }
                if (!isGlobal(AddressRanges.of(address))) {
                    throw new RefusedException("address " + address.getHostAddress()
                            + " is not globally reachable; expected one that is, or one of --allow-address");
                }
            }
        }
        return addresses;
    }

    /** A URL's host; brackets are the URL's, not the address's. */
    static String host(URI url) {
        return url.getHost().replaceAll("^\\[|]$", "");
    }

    static boolean isGlobal(IPAddress address) {
        if (address.isIPv4()) {
            return !V4.contains(address.withoutPrefixLength());
        }
        IPv6Address six = address.toIPv6().removeZone();
        if (six.isIPv4Mapped()) {
            return isGlobal(six.getEmbeddedIPv4Address());
        }
        if (NAT64.contains(six)) {
            return isGlobal(six.getEmbeddedIPv4Address(LAST_32_BITS));
        }
        return V6_GLOBAL.contains(six) && !V6.contains(six);
    }
}
