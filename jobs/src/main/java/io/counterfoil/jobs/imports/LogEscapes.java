package io.counterfoil.jobs.imports;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * What nginx and Apache make of bytes that a quoted field cannot hold: {@code \xhh}, {@code \"}, {@code \\}, {@code \n} and the
 * like. A key in the log is the caller's only once that is undone.
 */
final class LogEscapes {
    private static final String LETTERS = "bnrtvf";
    private static final String MEANT = "\b\n\r\t\u000b\f";

    private LogEscapes() {}

    static String decode(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        // As bytes: one character may be several of the escapes.
        byte[] in = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream(in.length);
        int i = 0;
        while (i < in.length) {
            int hex = i + 1 < in.length && in[i + 1] == 'x' ? HexPair.at(in, i + 2) : -1;
            boolean none = i + 1 == in.length || (in[i + 1] == 'x' && hex < 0);
            if (in[i] != '\\' || none) {
                out.write(in[i]);
                i++;
                continue;
            }
            int letter = LETTERS.indexOf(in[i + 1]);
            out.write(hex >= 0 ? hex : letter >= 0 ? MEANT.charAt(letter) : in[i + 1]);
            i += hex >= 0 ? 4 : 2;
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
