package io.counterfoil.edge.client;

import io.netty.util.NetUtil;

import java.util.Optional;

/**
 * Addresses that share a prefix, as {@code 10.0.0.0/8} or {@code 2001:db8::/32} says; one address alone is a range too. An IPv4
 * address that comes mapped into IPv6 is the IPv4 address.
 */
public final class AddressRange {
    private static final int MAPPED_BYTES = 12;

    private final byte[] prefix;
    private final int bits;
    private final String text;

    private AddressRange(byte[] prefix, int bits, String text) {
        this.prefix = prefix;
        this.bits = bits;
        this.text = text;
    }

    /** Empty where the text is no address or the prefix longer than one. */
    public static Optional<AddressRange> parse(String text) {
        int slash = text.indexOf('/');
        Optional<byte[]> address = address(slash < 0 ? text : text.substring(0, slash));
        if (address.isEmpty()) {
            return Optional.empty();
        }
        int longest = address.get().length * 8;
        String length = slash < 0 ? "" + longest : text.substring(slash + 1);
        if (!length.matches("\\d{1,3}") || Integer.parseInt(length) > longest) {
            return Optional.empty();
        }
        return Optional.of(new AddressRange(address.get(), Integer.parseInt(length), text));
    }

    /** The bytes of a literal address, 4 or 16; never looks up a name. */
    static Optional<byte[]> address(String text) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        return bytes == null ? Optional.empty() : Optional.of(unmapped(bytes));
    }

    private static byte[] unmapped(byte[] bytes) {
        if (bytes.length != 16 || bytes[10] != (byte) 0xff || bytes[11] != (byte) 0xff) {
            return bytes;
        }
        for (int i = 0; i < 10; i++) {
            if (bytes[i] != 0) {
                return bytes;
            }
        }
        return java.util.Arrays.copyOfRange(bytes, MAPPED_BYTES, bytes.length);
    }

    boolean contains(byte[] address) {
        if (address.length != prefix.length) {
            return false;
        }
        int whole = bits / 8;
        for (int i = 0; i < whole; i++) {
            if (address[i] != prefix[i]) {
                return false;
            }
        }
        int rest = bits % 8;
        return rest == 0 || ((address[whole] ^ prefix[whole]) & (0xff << (8 - rest)) & 0xff) == 0;
    }

    @Override
    public String toString() {
        return text;
    }
}
