package io.counterfoil.jobs.imports;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Takes one layer of percent-encoding off; a percent sign that begins no code stands for itself. */
final class PercentEncoding {
    private PercentEncoding() {}

    static String decode(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] in = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream(in.length);
        int i = 0;
        while (i < in.length) {
            int code = in[i] == '%' ? HexPair.at(in, i + 1) : -1;
            out.write(code >= 0 ? code : in[i]);
            i += code >= 0 ? 3 : 1;
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
