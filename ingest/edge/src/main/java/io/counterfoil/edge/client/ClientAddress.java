package io.counterfoil.edge.client;

import io.netty.util.NetUtil;

import java.util.List;
import java.util.Optional;

/**
 * Who a request comes from: the peer of the connection, or whom a trusted proxy says it speaks for. {@code X-Forwarded-For} is
 * read from its end, past every trusted address; what an untrusted peer says of itself is worth nothing.
 */
public final class ClientAddress {
    private final List<AddressRange> trusted;

    public ClientAddress(List<AddressRange> trusted) {
        this.trusted = List.copyOf(trusted);
    }

    /** Whether what the peer says of others is believed. */
    public boolean isTrusted(String peer) {
        if (trusted.isEmpty()) {
            return false;
        }
        Optional<byte[]> address = AddressRange.address(peer);
        return address.isPresent() && trusted.stream().anyMatch(range -> range.contains(address.get()));
    }

    /**
     * The client's address.
     *
     * @param peer the connection's other end
     * @param forwardedFor all of {@code X-Forwarded-For}, joined with commas; empty where there is none
     */
    public String of(String peer, String forwardedFor) {
        if (forwardedFor.isEmpty() || !isTrusted(peer)) {
            return peer;
        }
        String[] hops = forwardedFor.split(",", -1);
        String client = peer;
        for (int i = hops.length - 1; i >= 0; i--) {
            String hop = literal(hops[i].strip());
            if (AddressRange.address(hop).isEmpty()) {
                // Not an address: whoever wrote it is the last one known.
                return client;
            }
            client = hop;
            if (!isTrusted(hop)) {
                return client;
            }
        }
        return client;
    }

    /** Without brackets and port: {@code [2001:db8::1]:443}, {@code 192.0.2.1:443}. */
    private static String literal(String hop) {
        if (hop.startsWith("[")) {
            int end = hop.indexOf(']');
            return end < 0 ? hop : hop.substring(1, end);
        }
        int colon = hop.indexOf(':');
        return colon >= 0 && colon == hop.lastIndexOf(':') ? hop.substring(0, colon) : hop;
    }

    /** The address's network, as the log may keep it: /24 of IPv4, /48 of IPv6; empty where the text is no address. */
    public static String network(String address) {
        Optional<byte[]> bytes = AddressRange.address(address);
        if (bytes.isEmpty()) {
            return "";
        }
        byte[] network = bytes.get().clone();
        int kept = network.length == 4 ? 3 : 6;
        for (int i = kept; i < network.length; i++) {
            network[i] = 0;
        }
        return NetUtil.bytesToIpAddress(network) + (network.length == 4 ? "/24" : "/48");
    }
}
