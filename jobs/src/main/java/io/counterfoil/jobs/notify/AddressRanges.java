package io.counterfoil.jobs.notify;

import inet.ipaddr.AddressStringException;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressNetwork.IPAddressGenerator;
import inet.ipaddr.IPAddressString;
import io.counterfoil.sql.OperatorException;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Ranges of IP addresses.
 *
 * @param blocks each a network
 */
public record AddressRanges(List<IPAddress> blocks) {
    /** No address. */
    public static final AddressRanges NONE = new AddressRanges(List.of());

    public AddressRanges {
        blocks = List.copyOf(blocks);
    }

    /**
     * Reads networks, as {@code 10.1.0.0/16}, {@code fd00::/8}, or one address each.
     *
     * @param option for the message
     * @throws OperatorException category INPUT where one is none
     */
    public static AddressRanges parse(String option, List<String> texts) {
        List<IPAddress> blocks = new ArrayList<>();
        for (String text : texts) {
            blocks.add(block(option, text.strip()));
        }
        return new AddressRanges(blocks);
    }

    private static IPAddress block(String option, String text) {
        try {
            // The library knows more notations than anybody reads without a second look.
            if (text.matches("(?:\\d{1,3}(?:\\.\\d{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)(?:/\\d{1,3})?")) {
                return new IPAddressString(text).toAddress().toPrefixBlock();
            }
        } catch (AddressStringException e) {
            // Told below.
        }
        throw OperatorException.input(
                option + " is '" + text + "', expected an address or a network, as 10.1.2.3, 10.1.0.0/16 or fd00::/8");
    }

    boolean contains(InetAddress address) {
        return contains(of(address));
    }

    boolean contains(IPAddress address) {
        return blocks.stream().anyMatch(block -> block.contains(address));
    }

    static IPAddress of(InetAddress address) {
        return new IPAddressGenerator().from(address);
    }
}
